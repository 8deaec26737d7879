"""The lists of users, groups and projects for administrators."""

from dataclasses import replace
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.accounts.models import User
from pyregistry.accounts.services.listing import UserFilter, UserOrder, list_users
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid
from pyregistry.health.services.storage import held_by
from pyregistry.http.parameters import searched
from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.namespaces.services.listing import OrderedBy, Place, Selection, namespaces_slice
from pyregistry.resources.base import viewer_of
from pyregistry.resources.pages.admin import AdminGroupsPage, AdminProjectsPage
from pyregistry.resources.pages.admin_users import UsersPage
from pyregistry.slices import Slice
from pyregistry.ui.admin import admin_page
from pyregistry.ui.forms import query_text
from pyregistry.ui.submissions import attempt
from pyregistry.ui.views.paging import part_of, window_after

_MOST_WORDS = 10
_KINDS: dict[str, tuple[str, UserFilter]] = {
    "people": ("People", UserFilter(bot=False)),
    "administrators": ("Administrators", UserFilter(admin=True)),
    "external": ("External people", UserFilter(bot=False, external=True)),
    "blocked": ("Blocked", UserFilter(blocked=True)),
    "bots": ("Bots of access tokens", UserFilter(bot=True)),
    "all": ("Everybody", UserFilter()),
}
"""What the list can be narrowed to: the value in the address, its name, and what it asks for."""


@view_config(
    context=UsersPage,
    request_method="GET",
    permission=Permissions.USERS_MANAGE,
    renderer="pyregistry:ui/templates/admin/users.jinja2",
)
def list_all_users(_context: UsersPage, request: Request) -> dict[str, Any]:
    """Every user, searched and filtered."""
    kind = query_text(request, "kind") or "people"
    tried = attempt(request, lambda: _found_users(request, kind))
    return {
        **admin_page(request, "users"),
        "found": tried.result or Slice([], follows=False),
        "refusal": tried.refusal,
        "text": request.GET.get("q", ""),
        "kind": kind,
        "kinds": [(value, label) for value, (label, _) in _KINDS.items()],
        "is_first": not request.GET.get("after"),
    }


@view_config(
    context=AdminGroupsPage,
    request_method="GET",
    permission=Permissions.HEALTH_READ,
    renderer="pyregistry:ui/templates/admin/namespaces.jinja2",
)
def list_groups(_context: AdminGroupsPage, request: Request) -> dict[str, Any]:
    """Every group, with how much is in it."""
    return _listed(request, NamespaceKind.GROUP, "groups")


@view_config(
    context=AdminProjectsPage,
    request_method="GET",
    permission=Permissions.HEALTH_READ,
    renderer="pyregistry:ui/templates/admin/namespaces.jinja2",
)
def list_projects(_context: AdminProjectsPage, request: Request) -> dict[str, Any]:
    """Every project, with how much it holds."""
    return _listed(request, NamespaceKind.PROJECT, "projects")


def _listed(request: Request, kind: NamespaceKind, segment: str) -> dict[str, Any]:
    tried = attempt(request, lambda: _found_namespaces(request, kind))
    found: Slice[Namespace] = tried.result or Slice([], follows=False)
    return {
        **admin_page(request, segment),
        "kind": kind.value,
        "segment": segment,
        "text": request.GET.get("q", ""),
        "found": found,
        "held": held_by(request.db, [namespace.id for namespace in found.rows]),
        "is_first": not request.GET.get("after"),
        "refusal": tried.refusal,
    }


def _found_namespaces(request: Request, kind: NamespaceKind) -> Slice[Namespace]:
    words = tuple(searched(request, "q").split()[:_MOST_WORDS])
    return part_of(
        lambda window: namespaces_slice(
            request.db,
            viewer_of(request),
            Place(),
            Selection(kind, words, in_full_paths=True),
            window,
            by=OrderedBy.FULL_PATH,
            descending=False,
        ),
        window_after(request),
    )


def _found_users(request: Request, kind: str) -> Slice[User]:
    if kind not in _KINDS:
        raise Invalid(f"The parameter kind must be one of: {', '.join(_KINDS)}.")
    chosen = replace(_KINDS[kind][1], text=searched(request, "q").strip())
    return part_of(
        lambda window: list_users(
            request.db,
            viewer_of(request),
            chosen,
            window,
            by=UserOrder.USERNAME,
            descending=False,
        ),
        window_after(request),
    )

"""The lists of groups and projects for administrators."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.health.services.report import held_by
from pyregistry.http.parameters import searched
from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.namespaces.services.listing import OrderedBy, Place, Selection, namespaces_slice
from pyregistry.resources.base import viewer_of
from pyregistry.resources.pages.admin import AdminGroupsPage, AdminProjectsPage
from pyregistry.slices import Slice, Window
from pyregistry.ui.admin import admin_page
from pyregistry.ui.forms import query_text
from pyregistry.ui.submissions import attempt
from pyregistry.ui.views.paging import PAGE_LENGTH

_MOST_WORDS = 10


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
    tried = attempt(request, lambda: _found(request, kind))
    found: Slice[Namespace] = tried.result or Slice([], follows=False)
    return {
        **admin_page(request, segment),
        "kind": kind.value,
        "segment": segment,
        "text": request.GET.get("q", ""),
        "found": found,
        "held": held_by(request.db, [namespace.id for namespace in found.rows]),
        "is_first": not request.GET.get("cursor"),
        "refusal": tried.refusal,
    }


def _found(request: Request, kind: NamespaceKind) -> Slice[Namespace]:
    words = tuple(searched(request, "q").split()[:_MOST_WORDS])
    return namespaces_slice(
        request.db,
        viewer_of(request),
        Place(),
        Selection(kind, words, in_full_paths=True),
        Window(PAGE_LENGTH, by_key=True, cursor=query_text(request, "cursor") or None),
        by=OrderedBy.PATH,
        descending=False,
    )

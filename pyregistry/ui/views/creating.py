"""The pages that create groups and projects."""

from collections.abc import Callable
from typing import Any, Final

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.callers import granter_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid, Refusal
from pyregistry.members.services.creation import create_inside, create_top_group
from pyregistry.namespaces.models import Namespace, NamespaceKind, Visibility
from pyregistry.namespaces.names import path_of
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.namespaces.services.create import NewNamespace
from pyregistry.namespaces.services.settings import Changes
from pyregistry.resources.pages.base import NamespacePage
from pyregistry.resources.pages.creating import NewProjectPage, NewSubgroupPage, NewTopGroupPage
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.breadcrumbs import Crumb
from pyregistry.ui.choices import chosen_visibility, visibilities, written
from pyregistry.ui.creating import check_at_top
from pyregistry.ui.submissions import NOTHING_SENT, Sent, attempt, done, read_form
from pyregistry.ui.tabs import OVERVIEW, namespace_page

_TEMPLATE: Final = "pyregistry:ui/templates/creating/inside.jinja2"
_AT_TOP: Final = "pyregistry:ui/templates/creating/at_top.jinja2"
Create = Callable[[NewNamespace], Namespace]


@view_config(
    context=NewTopGroupPage,
    request_method="GET",
    permission=Permissions.GROUP_CREATE,
    renderer=_AT_TOP,
)
def show_new_top_group(_context: NewTopGroupPage, request: Request) -> Any:
    """The form of a group at the top, for those who may create it."""
    check_at_top(request)
    return _at_top(request, NOTHING_SENT, None)


@view_config(
    context=NewTopGroupPage,
    request_method="POST",
    permission=Permissions.GROUP_CREATE,
    renderer=_AT_TOP,
)
def create_at_top(_context: NewTopGroupPage, request: Request) -> Any:
    """Create a group at the top."""
    check_at_top(request)
    return _created(
        request,
        lambda new: create_top_group(request.db, new, Changes(), granter_of(request), request.now),
        lambda sent, refusal: _at_top(request, sent, refusal),
    )


@view_config(
    context=NewSubgroupPage,
    request_method="GET",
    permission=Permissions.NAMESPACE_CREATE,
    renderer=_TEMPLATE,
)
def show_new_subgroup(context: NewSubgroupPage, _request: Request) -> Any:
    """The form of a group in a group."""
    return _inside(context, NamespaceKind.GROUP, NOTHING_SENT, None)


@view_config(
    context=NewSubgroupPage,
    request_method="POST",
    permission=Permissions.NAMESPACE_CREATE,
    renderer=_TEMPLATE,
)
def create_subgroup(context: NewSubgroupPage, _request: Request) -> Any:
    """Create a group in a group."""
    return _created_inside(context, NamespaceKind.GROUP)


@view_config(
    context=NewProjectPage,
    request_method="GET",
    permission=Permissions.NAMESPACE_CREATE,
    renderer=_TEMPLATE,
)
def show_new_project(context: NewProjectPage, _request: Request) -> Any:
    """The form of a project in a group."""
    return _inside(context, NamespaceKind.PROJECT, NOTHING_SENT, None)


@view_config(
    context=NewProjectPage,
    request_method="POST",
    permission=Permissions.NAMESPACE_CREATE,
    renderer=_TEMPLATE,
)
def create_project(context: NewProjectPage, _request: Request) -> Any:
    """Create a project in a group."""
    return _created_inside(context, NamespaceKind.PROJECT)


def _created_inside(context: NamespacePage, kind: NamespaceKind) -> Any:
    request, group_id = context.request, context.namespace.id
    by = granter_of(request)
    return _created(
        request,
        lambda new: create_inside(request.db, kind, group_id, new, Changes(), by, request.now),
        lambda sent, refusal: _inside(context, kind, sent, refusal),
    )


def _created(
    request: Request, create: Create, again: Callable[[Sent, Refusal | None], dict[str, Any]]
) -> Any:
    sent = read_form(request)
    tried = attempt(request, lambda: create(_new(sent)))
    if tried.result is None:
        return again(sent, tried.refusal)
    created = tried.result
    address = Addresses(request).namespace(created.full_path)
    return done(request, address, f"The {created.kind} {created.full_path} was created.")


def _new(sent: Sent) -> NewNamespace:
    name, path = sent.given("name"), sent.given("path")
    if name is None and path is None:
        raise Invalid("Give it a name.", about="name")
    return NewNamespace(
        path or path_of(name or ""), name, written(sent, "description"), chosen_visibility(sent)
    )


def _at_top(request: Request, sent: Sent, refusal: Refusal | None) -> dict[str, Any]:
    addresses = Addresses(request)
    action = addresses.instance_page("groups", "new")
    return {
        "crumbs": [Crumb("New group", action)],
        "parent": None,
        "cancel": addresses.home,
        **_form(NamespaceKind.GROUP, action, None, sent, refusal),
    }


def _inside(
    context: NamespacePage, kind: NamespaceKind, sent: Sent, refusal: Refusal | None
) -> dict[str, Any]:
    addresses, group = Addresses(context.request), context.namespace
    action = addresses.page(group.full_path, f"{kind}s", "new")
    page = namespace_page(context, context.request, OVERVIEW)
    page["crumbs"] += [Crumb(f"New {kind}", action)]
    cancel = addresses.namespace(group.full_path)
    return {**page, "parent": group, "cancel": cancel, **_form(kind, action, group, sent, refusal)}


def _form(
    kind: NamespaceKind,
    action: str,
    group: NamespaceRecord | None,
    sent: Sent,
    refusal: Refusal | None,
) -> dict[str, Any]:
    return {
        "kind": kind.value,
        "action": action,
        "choices": visibilities(group),
        "sent": {"visibility": Visibility.PRIVATE.value, **sent.shown()},
        "refusal": refusal,
    }

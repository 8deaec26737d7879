"""Moving a group or project elsewhere, and deleting it."""

from typing import Any, Final

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.callers import granter_of
from pyregistry.api.targets import optional_group
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid, Refusal
from pyregistry.events.counted import CountedAction
from pyregistry.http.parameters import searched
from pyregistry.members.services.authority import hold_ownership
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.sight import still_sees
from pyregistry.resources.base import viewer_of
from pyregistry.resources.namespaces import namespace_above
from pyregistry.resources.pages.base import NamespacePage
from pyregistry.resources.pages.settings import DeletionPage, MovePage
from pyregistry.slices import Window
from pyregistry.tree.services.contents import contents_of
from pyregistry.tree.services.delete import delete_namespace
from pyregistry.tree.services.locations import transfer_locations
from pyregistry.tree.services.transfer import transfer
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.breadcrumbs import Crumb
from pyregistry.ui.creating import may_create_at_top
from pyregistry.ui.submissions import NOTHING_SENT, Sent, attempt, check_confirmed, done, read_form
from pyregistry.ui.tabs import namespace_page
from pyregistry.ui.views.settings import SETTINGS
from pyregistry.usage.filters import Grouping, UsageFilter, days_of
from pyregistry.usage.services.counts import usage_slice

TOP: Final = "/"
"""What the form calls the top level: no group has such an id or path."""
_PLACES: Final = 50
_MOVE: Final = "pyregistry:ui/templates/settings/move.jinja2"
_DELETE: Final = "pyregistry:ui/templates/settings/delete.jinja2"


@view_config(
    context=MovePage,
    request_method="GET",
    permission=Permissions.NAMESPACE_TRANSFER,
    renderer=_MOVE,
)
def show_places(context: MovePage, _request: Request) -> Any:
    """The groups that it can be moved to, as far as the visitor's role there decides."""
    return _places_page(context, NOTHING_SENT, None)


@view_config(
    context=MovePage,
    request_method="POST",
    permission=Permissions.NAMESPACE_TRANSFER,
    renderer=_MOVE,
)
def move(context: MovePage, request: Request) -> Any:
    """Move it to the group that was chosen, or to the top."""
    sent = read_form(request)
    tried = attempt(request, lambda: _moved(context, sent))
    if tried.result is None:
        return _places_page(context, sent, tried.refusal)
    moved = tried.result
    address = Addresses(request).namespace(moved.full_path)
    return done(request, address, f"The {moved.kind} is at {moved.full_path} now.")


@view_config(
    context=DeletionPage,
    request_method="GET",
    permission=Permissions.NAMESPACE_DELETE,
    renderer=_DELETE,
)
def show_deletion(context: DeletionPage, _request: Request) -> Any:
    """What goes with it, and the form that asks for its path."""
    return _deletion_page(context, NOTHING_SENT, None)


@view_config(
    context=DeletionPage,
    request_method="POST",
    permission=Permissions.NAMESPACE_DELETE,
    renderer=_DELETE,
)
def delete(context: DeletionPage, request: Request) -> Any:
    """Delete it with everything in it, once its path was typed."""
    sent, namespace = read_form(request), context.namespace
    tried = attempt(request, lambda: _deleted(context, sent))
    if tried.refusal is not None:
        return _deletion_page(context, sent, tried.refusal)
    sentence = f"The {namespace.kind} {namespace.full_path} was deleted."
    return done(request, _place_left(context), sentence)


def _moved(context: MovePage, sent: Sent) -> Namespace:
    request, chosen = context.request, sent.text("group")
    if not chosen:
        raise Invalid("Choose where it goes.", about="group")
    group = None if chosen == TOP else optional_group(request, {"group": chosen}, "group")
    group_id = group.id if group is not None else None
    return transfer(request.db, context.namespace.id, group_id, granter_of(request), request.now)


def _deleted(context: DeletionPage, sent: Sent) -> None:
    request, namespace = context.request, context.namespace
    check_confirmed(sent, namespace.full_path)
    hold_ownership(request.db, namespace.id, granter_of(request), request.now)
    delete_namespace(request.db, namespace.id, request.actor, request.now)


def _place_left(context: DeletionPage) -> str:
    """The group above, where the visitor sees it still; else the first page."""
    request, addresses = context.request, Addresses(context.request)
    above = namespace_above(context).lineage[1:]
    if above and still_sees(request.db, viewer_of(request), above[0].id):
        return addresses.namespace(above[0].full_path)
    return addresses.home


def _places_page(context: MovePage, sent: Sent, refusal: Refusal | None) -> dict[str, Any]:
    request, namespace = context.request, context.namespace
    query = searched(request, "q").strip()
    places = transfer_locations(
        request.db, namespace.id, viewer_of(request), Window(_PLACES, by_key=True), query=query
    )
    at_top = namespace.parent_id is None or namespace.is_project
    return {
        **_below_settings(context, "Move"),
        "places": places.rows,
        "more": places.follows,
        "query": query,
        "top": TOP if not at_top and may_create_at_top(request) else None,
        "sent": sent.shown(),
        "refusal": refusal,
    }


def _deletion_page(context: DeletionPage, sent: Sent, refusal: Refusal | None) -> dict[str, Any]:
    return {
        **_below_settings(context, "Delete"),
        "contents": contents_of(context.request.db, context.namespace.id),
        "pulls": _pulls_lately(context),
        "sent": sent.shown(),
        "refusal": refusal,
    }


def _pulls_lately(context: DeletionPage) -> int:
    """How often files were pulled in the last 30 days."""
    request = context.request
    first, last = days_of(None, None, request.now.date())
    chosen = UsageFilter(first, last, action=CountedAction.FILE_PULLED)
    found = usage_slice(
        request.db,
        context.namespace,
        viewer_of(request),
        chosen,
        Grouping.ACTION,
        Window(1, by_key=True),
    )
    return sum(usage.count for usage in found.rows)


def _below_settings(context: NamespacePage, label: str) -> dict[str, Any]:
    page = namespace_page(context, context.request, SETTINGS)
    addresses = Addresses(context.request)
    address = addresses.page(context.namespace.full_path, SETTINGS, context.__name__)
    page["crumbs"] += [Crumb(label, address)]
    return page

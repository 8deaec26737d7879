"""The reserved prefixes of a group."""

from typing import Any, Final

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.callers import changer_at
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Refusal
from pyregistry.protection.services.prefixes import (
    MAXIMUM_PREFIXES,
    Wanted,
    change_prefix,
    release_prefix,
    reserve_prefix,
)
from pyregistry.protection.services.reservations import (
    Reservation,
    find_reservation,
    reservations_slice,
)
from pyregistry.resources.pages.base import NamespacePage
from pyregistry.resources.pages.rules import (
    NewPrefix,
    PrefixChange,
    PrefixesPage,
    PrefixPage,
    PrefixRelease,
)
from pyregistry.slices import Window
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.breadcrumbs import Crumb
from pyregistry.ui.protection import RULES, inherited_prefixes, may_manage
from pyregistry.ui.submissions import NOTHING_SENT, Sent, attempt, done, read_form
from pyregistry.ui.tabs import namespace_page

_LIST: Final = "pyregistry:ui/templates/protection/prefixes.jinja2"
_ONE: Final = "pyregistry:ui/templates/protection/prefix.jinja2"


@view_config(
    context=PrefixesPage,
    request_method="GET",
    permission=Permissions.PROTECTION_READ,
    renderer=_LIST,
)
def show_prefixes(context: PrefixesPage, _request: Request) -> Any:
    """All prefixes that the group has reserved: there are 100 at most."""
    return _list(context, NOTHING_SENT, None)


@view_config(
    context=NewPrefix,
    request_method="POST",
    permission=Permissions.PROTECTION_MANAGE,
    renderer=_LIST,
)
def reserve(context: NewPrefix, request: Request) -> Any:
    """Reserve a prefix for some projects."""
    sent, by = read_form(request), changer_at(context)
    group_id, wanted = context.namespace.id, _wanted(sent)
    tried = attempt(request, lambda: reserve_prefix(request.db, group_id, wanted, by, request.now))
    if tried.result is None:
        return _list(context, sent, tried.refusal)
    return _done(context, f"The prefix {tried.result.prefix} is reserved.")


@view_config(
    context=PrefixPage,
    request_method="GET",
    permission=Permissions.PROTECTION_MANAGE,
    renderer=_ONE,
)
def show_prefix(context: PrefixPage, request: Request) -> Any:
    """The form that changes a prefix, and the one that gives it up."""
    prefix = find_reservation(request.db, context.namespace.id, context.number)
    return _one(context, prefix, NOTHING_SENT, None)


@view_config(
    context=PrefixChange,
    request_method="POST",
    permission=Permissions.PROTECTION_MANAGE,
    renderer=_ONE,
)
def change(context: PrefixChange, request: Request) -> Any:
    """Change a prefix, its projects or both."""
    sent, by = read_form(request), changer_at(context)
    group_id, prefix_id = context.namespace.id, context.__parent__.number
    before = find_reservation(request.db, group_id, prefix_id)
    tried = attempt(
        request,
        lambda: change_prefix(request.db, group_id, prefix_id, _wanted(sent), by, request.now),
    )
    if tried.result is None:
        return _one(context, before, sent, tried.refusal)
    return _done(context, f"The prefix {tried.result.prefix} is saved.")


@view_config(
    context=PrefixRelease,
    request_method="POST",
    permission=Permissions.PROTECTION_MANAGE,
    renderer=_ONE,
)
def release(context: PrefixRelease, request: Request) -> Any:
    """Give a prefix up."""
    by, group_id, prefix_id = changer_at(context), context.namespace.id, context.__parent__.number
    before = find_reservation(request.db, group_id, prefix_id)
    tried = attempt(
        request, lambda: release_prefix(request.db, group_id, prefix_id, by, request.now)
    )
    if tried.refusal is not None:
        return _one(context, before, NOTHING_SENT, tried.refusal)
    return _done(context, f"The prefix {before.prefix} is reserved no more.")


def _wanted(sent: Sent) -> Wanted:
    """What a form says: a path of a project on each line, or several with blanks between."""
    return Wanted(sent.text("prefix"), [path.strip("/") for path in sent.text("projects").split()])


def _done(context: NamespacePage, sentence: str) -> Any:
    request = context.request
    address = Addresses(request).page(context.namespace.full_path, RULES)
    return done(request, address, sentence)


def _list(context: NamespacePage, sent: Sent, refusal: Refusal | None) -> dict[str, Any]:
    request = context.request
    window = Window(MAXIMUM_PREFIXES, by_key=True)
    return {
        **namespace_page(context, request, RULES),
        "prefixes": reservations_slice(request.db, context.namespace.id, window).rows,
        "inherited": inherited_prefixes(context),
        "may_manage": may_manage(context),
        "sent": sent.shown(),
        "refusal": refusal,
    }


def _one(
    context: NamespacePage, prefix: Reservation, sent: Sent, refusal: Refusal | None
) -> dict[str, Any]:
    page = namespace_page(context, context.request, RULES)
    address = Addresses(context.request).page(context.namespace.full_path, RULES, prefix.id)
    page["crumbs"] += [Crumb(prefix.prefix, address)]
    stored = {
        "prefix": prefix.prefix,
        "projects": "\n".join(project.full_path for project in prefix.projects),
    }
    return {**page, "prefix": prefix, "sent": stored | sent.shown(), "refusal": refusal}

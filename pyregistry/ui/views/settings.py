"""The settings of a group or project: its name, its path, who sees it, its package registry."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.callers import granter_of
from pyregistry.api.limits import bound_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid, Refusal
from pyregistry.limits.services.change import (
    OF_ADMINISTRATORS,
    OF_OWNERS,
    change_limits,
    highest,
)
from pyregistry.limits.services.read import limits_of
from pyregistry.members.services.authority import hold_ownership
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.namespaces.services.instance import instance_settings
from pyregistry.namespaces.services.rename import rename
from pyregistry.namespaces.services.settings import Changes, change_settings, read_settings
from pyregistry.resources.namespaces import namespace_above, seen_above
from pyregistry.resources.pages.base import NamespacePage
from pyregistry.resources.pages.settings import (
    SettingsLimits,
    SettingsNaming,
    SettingsPage,
    SettingsPath,
    SettingsRegistry,
    SettingsVisibility,
)
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.choices import Choice, chosen, chosen_visibility, visibilities, written
from pyregistry.ui.room import limits_as_typed, limits_in, room_of
from pyregistry.ui.submissions import NOTHING_SENT, Sent, attempt, done, read_form
from pyregistry.ui.tabs import namespace_page

SETTINGS: Final = "settings"
_LIMITS: Final = (*OF_OWNERS, *OF_ADMINISTRATORS)
_TEMPLATE: Final = "pyregistry:ui/templates/settings/show.jinja2"


class Pulls(StrEnum):
    """Whether there is a package registry, and who pulls from it."""

    OFF = "off"
    READERS = "readers"
    ANYONE = "anyone"


@view_config(
    context=SettingsPage,
    request_method="GET",
    permission=Permissions.NAMESPACE_SETTINGS,
    renderer=_TEMPLATE,
)
def show_settings(context: SettingsPage, _request: Request) -> Any:
    """The settings, each group of them in a form of its own."""
    return _page(context, "", NOTHING_SENT, None)


@view_config(
    context=SettingsNaming,
    request_method="POST",
    permission=Permissions.NAMESPACE_SETTINGS,
    renderer=_TEMPLATE,
)
def change_naming(context: SettingsNaming, request: Request) -> Any:
    """Set the name and the description."""
    sent = read_form(request)
    changes = Changes(name=sent.text("name"), description=written(sent, "description"))
    return _changed(
        context, sent, lambda: _set(context, changes), "The name and the description are saved."
    )


@view_config(
    context=SettingsPath,
    request_method="POST",
    permission=Permissions.NAMESPACE_SETTINGS,
    renderer=_TEMPLATE,
)
def change_path(context: SettingsPath, request: Request) -> Any:
    """Set the last segment of the path."""
    sent = read_form(request)

    def change() -> Namespace:
        _hold(context)
        return rename(
            request.db, context.namespace.id, sent.text("path"), request.actor, request.now
        )

    return _changed(context, sent, change, "The path is saved.")


@view_config(
    context=SettingsVisibility,
    request_method="POST",
    permission=Permissions.NAMESPACE_SETTINGS,
    renderer=_TEMPLATE,
)
def change_visibility(context: SettingsVisibility, request: Request) -> Any:
    """Set who may see it without being a member."""
    sent = read_form(request)
    return _changed(
        context,
        sent,
        lambda: _set(context, Changes(visibility=chosen_visibility(sent))),
        f"It is {sent.text('visibility')} now.",
    )


@view_config(
    context=SettingsRegistry,
    request_method="POST",
    permission=Permissions.NAMESPACE_SETTINGS,
    renderer=_TEMPLATE,
)
def change_registry(context: SettingsRegistry, request: Request) -> Any:
    """Turn the package registry off or on, and say whether anyone may pull from a project."""
    sent = read_form(request)

    def change() -> Namespace:
        values = [each.value for each in _pulls(context.namespace, allowed=True)]
        pulls = Pulls(chosen(sent, "pulls", values, "Choose whether it has a package registry."))
        # Whether anyone may pull is not forgotten while the package registry is turned off.
        forgets = context.namespace.is_project and pulls is not Pulls.OFF
        anyone = pulls is Pulls.ANYONE if forgets else None
        return _set(
            context, Changes(packages_enabled=pulls is not Pulls.OFF, anyone_can_pull=anyone)
        )

    said = _SAID_OF_PROJECTS if context.namespace.is_project else _SAID
    return _changed(context, sent, change, said.get(sent.text("pulls"), ""))


@view_config(
    context=SettingsLimits,
    request_method="POST",
    permission=Permissions.NAMESPACE_SETTINGS,
    renderer=_TEMPLATE,
)
def change_limits_(context: SettingsLimits, request: Request) -> Any:
    """Set the largest file and the quota; administrators set those that Owners do not exceed."""
    sent = read_form(request)

    def change() -> NamespaceRecord:
        changes = limits_in(sent, _LIMITS)
        if not changes:
            raise Invalid("Send the limits.")
        _hold(context)
        by, bound = granter_of(request), bound_of(request)
        change_limits(request.db, context.namespace.id, changes, by, request.now, bound=bound)
        return context.namespace

    return _changed(context, sent, change, "The limits are saved.")


_SAID: Final[dict[str, str]] = {
    Pulls.OFF: "The package registry is turned off.",
    Pulls.READERS: "The package registry is turned on.",
}
_SAID_OF_PROJECTS: Final[dict[str, str]] = {
    **_SAID,
    # Said as well to who takes back that anyone can pull.
    Pulls.READERS: "The package registry is turned on, for those who may see the packages.",
    Pulls.ANYONE: "Anyone can pull now.",
}


def _hold(context: NamespacePage) -> None:
    request = context.request
    hold_ownership(request.db, context.namespace.id, granter_of(request), request.now)


def _set(context: NamespacePage, changes: Changes) -> Namespace:
    _hold(context)
    request = context.request
    return change_settings(request.db, context.namespace.id, changes, request.actor, request.now)


def _changed(
    context: NamespacePage,
    sent: Sent,
    change: Callable[[], Namespace | NamespaceRecord],
    sentence: str,
) -> Any:
    """Try it; the card that was sent is called as the last segment of its address."""
    tried = attempt(context.request, change)
    if tried.result is None:
        return _page(context, context.__name__, sent, tried.refusal)
    address = Addresses(context.request).page(tried.result.full_path, SETTINGS)
    return done(context.request, address, sentence)


def _page(context: NamespacePage, card: str, sent: Sent, refusal: Refusal | None) -> dict[str, Any]:
    request, lineage = context.request, namespace_above(context).lineage
    settings = read_settings(request.db, context.namespace.id)
    allowed = instance_settings(request.db).anyone_can_pull_allowed
    limits = limits_of(request.db, context.namespace.id, bound_of(request))
    stored = {
        **limits_as_typed(limits.here, _LIMITS),
        "name": settings.name,
        "description": settings.description,
        "path": settings.path,
        "visibility": settings.visibility.value,
        "pulls": _current(settings, allowed=allowed).value,
    }
    return {
        **namespace_page(context, request, SETTINGS),
        "settings": settings,
        "visibilities": visibilities(lineage[1] if len(lineage) > 1 else None),
        "pulls": _pulls(context.namespace, allowed=allowed),
        "room": room_of(limits, seen_above(context)),
        "sets_admin_limits": request.identity.is_admin,
        "highest": {name: highest(limits, name) for name in _LIMITS},
        "limits_by_admin": limits_as_typed(limits.here, OF_ADMINISTRATORS),
        "pulls_suspended": settings.anyone_can_pull and not allowed,
        "sent": stored | sent.shown(),
        "card": card,
        "refusal": refusal,
    }


def _current(settings: Namespace, *, allowed: bool) -> Pulls:
    if not settings.packages_enabled:
        return Pulls.OFF
    return Pulls.ANYONE if settings.anyone_can_pull and allowed else Pulls.READERS


def _pulls(namespace: NamespaceRecord, *, allowed: bool) -> list[Choice]:
    kept = "Its packages are kept, but nobody can see, pull or publish any."
    if not namespace.is_project:
        all_of_it = "Each project in this group decides for itself whether it has one."
        return [
            Choice(Pulls.READERS, "On", all_of_it),
            Choice(Pulls.OFF, "Off", f"For everything in this group. {kept}"),
        ]
    readers = "Those who may see its packages can pull them."
    anyone = (
        "Its index, its files and the package list of the API answer without signing in, whatever "
        "the visibility, and the indexes of its groups show its packages to anyone. Its pages "
        "stay as they are."
    )
    why_not = "" if allowed else "Not possible: an administrator does not permit it here."
    return [
        Choice(Pulls.READERS, "On", readers),
        Choice(Pulls.ANYONE, "On, and anyone can pull", anyone, why_not),
        Choice(Pulls.OFF, "Off", kept),
    ]

"""The pages for administrators: how the registry is, and what holds for all of it."""

import platform
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.limits import bound_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.components import Components
from pyregistry.errors import Invalid
from pyregistry.health.checks import free_bytes
from pyregistry.health.services.report import count_everything
from pyregistry.http.parameters import optional_boolean
from pyregistry.limits.services.change import OF_INSTANCE, change_instance_limits
from pyregistry.limits.services.read import limits_of
from pyregistry.namespaces.services.instance import (
    InstanceChanges,
    change_instance_settings,
    instance_settings,
)
from pyregistry.resources.pages.admin import (
    AdminPage,
    ChangeInstanceLimits,
    ChangeInstanceSettings,
    HealthPage,
    InstanceSettingsPage,
    LimitsPage,
)
from pyregistry.schema import HEAD, current
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.admin import admin_page
from pyregistry.ui.limits import limits_in_force
from pyregistry.ui.room import limits_as_typed, limits_in, room_of
from pyregistry.ui.submissions import NOTHING_SENT, Sent, attempt, done, read_form
from pyregistry.ui.tabs import OVERVIEW
from pyregistry.version import __version__

_SETTINGS_TEMPLATE = "pyregistry:ui/templates/admin/settings.jinja2"
_SWITCHES = ("packages_enabled", "anyone_can_pull_allowed", "users_create_groups")


@view_config(
    context=AdminPage,
    request_method="GET",
    permission=Permissions.HEALTH_READ,
    renderer="pyregistry:ui/templates/admin/overview.jinja2",
)
def show_overview(_context: AdminPage, request: Request) -> dict[str, Any]:
    """The registry at a glance."""
    components: Components = request.components
    return {
        **admin_page(request, OVERVIEW),
        "counts": count_everything(request.db),
        "problems": components.health.problems(anew=True),
        "settings": instance_settings(request.db),
        "version": __version__,
    }


@view_config(
    context=HealthPage,
    request_method="GET",
    permission=Permissions.HEALTH_READ,
    renderer="pyregistry:ui/templates/admin/health.jinja2",
)
def show_health(_context: HealthPage, request: Request) -> dict[str, Any]:
    """The checks, with what explains them."""
    components: Components = request.components
    return {
        **admin_page(request, "health"),
        "problems": components.health.problems(anew=True),
        "version": __version__,
        "python_version": platform.python_version(),
        "started_at": request.now - timedelta(seconds=components.health.uptime),
        "database_kind": components.database.kind,
        "schema": current(components.database),
        "expected_schema": HEAD,
        "storage_kind": components.storage.name,
        "free_bytes": free_bytes(components.storage),
        "backlog": components.recorder.backlog,
        "counts_failures": components.throttle.reaches_storage(),
    }


@view_config(
    context=LimitsPage,
    request_method="GET",
    permission=Permissions.INSTANCE_SETTINGS,
    renderer="pyregistry:ui/templates/admin/limits.jinja2",
)
def show_limits(_context: LimitsPage, request: Request) -> dict[str, Any]:
    """The limits that the registry was started with."""
    components: Components = request.components
    return {**admin_page(request, "limits"), "chapters": limits_in_force(components.settings)}


@view_config(
    context=InstanceSettingsPage,
    request_method="GET",
    permission=Permissions.INSTANCE_SETTINGS,
    renderer=_SETTINGS_TEMPLATE,
)
def show_settings(_context: InstanceSettingsPage, request: Request) -> dict[str, Any]:
    """What administrators have decided."""
    return _settings_page(request, NOTHING_SENT)


@view_config(
    context=ChangeInstanceSettings,
    request_method="POST",
    permission=Permissions.INSTANCE_SETTINGS,
    renderer=_SETTINGS_TEMPLATE,
)
def change_settings(_context: ChangeInstanceSettings, request: Request) -> Any:
    """Turn the package registry off or on; permit what projects and people may do, or not."""
    sent = read_form(request)

    def change() -> None:
        change_instance_settings(request.db, _changes(sent), request.actor, request.now)

    tried = attempt(request, change)
    if tried.refusal is not None:
        return {**_settings_page(request, sent), "refusal": tried.refusal}
    address = Addresses(request).instance_page("admin", "settings")
    return done(request, address, "The settings were saved.")


@view_config(
    context=ChangeInstanceLimits,
    request_method="POST",
    permission=Permissions.INSTANCE_SETTINGS,
    renderer=_SETTINGS_TEMPLATE,
)
def change_limits(_context: ChangeInstanceLimits, request: Request) -> Any:
    """Set the largest file and the quota of the whole registry."""
    sent = read_form(request)

    def change() -> None:
        changes = limits_in(sent, OF_INSTANCE)
        if not changes:
            raise Invalid("Send the limits.")
        change_instance_limits(
            request.db, changes, request.actor, request.now, bound=bound_of(request)
        )

    tried = attempt(request, change)
    if tried.refusal is not None:
        return {**_settings_page(request, sent), "refusal": tried.refusal}
    address = Addresses(request).instance_page("admin", "settings")
    return done(request, address, "The limits were saved.")


def _changes(sent: Sent) -> InstanceChanges:
    """What the form says; a switch that it leaves out stays as it is. Raises `Invalid`."""
    given = {name: text for name in _SWITCHES if (text := sent.given(name))}
    if not given:
        raise Invalid("Choose what is to be on or off.")
    return InstanceChanges(**{name: optional_boolean(given, name) for name in _SWITCHES})


def _settings_page(request: Request, sent: Sent) -> dict[str, Any]:
    settings = instance_settings(request.db)
    # A refused form shows what was chosen in it, not what holds.
    chosen = {name: sent.given(name) or str(getattr(settings, name)).lower() for name in _SWITCHES}
    limits = limits_of(request.db, None, bound_of(request))
    registry = replace(
        limits.here,
        max_file_size=limits.here.admin_max_file_size,
        storage_limit=limits.here.admin_storage_limit,
    )
    return {
        **admin_page(request, "settings"),
        "chosen": chosen,
        "room": room_of(limits),
        "bound": limits.bound,
        "sent": limits_as_typed(registry, OF_INSTANCE) | sent.shown(),
        "refusal": None,
    }

"""The settings of the instance, for its administrators."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.limits import OF_INSTANCE as LIMITS
from pyregistry.api.limits import bound_of, limits_in, present_instance_limits
from pyregistry.api.presenters import present_instance_settings
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import optional_boolean, read_parameters
from pyregistry.limits.levels import Limits
from pyregistry.limits.services.change import change_instance_limits
from pyregistry.limits.services.read import limits_of
from pyregistry.namespaces.models import InstanceSettings
from pyregistry.namespaces.services.instance import (
    InstanceChanges,
    change_instance_settings,
    instance_settings,
)
from pyregistry.resources.api_instance import ApiInstanceSettings

_ENABLED = "packages_enabled"
_ANYONE = "package_registry_allow_anyone_to_pull_option"
_GROUPS = "can_create_group"
_SWITCHES = (_ENABLED, _ANYONE, _GROUPS)
_KNOWN = (*_SWITCHES, *LIMITS)


@view_config(
    context=ApiInstanceSettings,
    request_method="GET",
    permission=Permissions.INSTANCE_SETTINGS,
    renderer="json",
)
def show_settings(_context: ApiInstanceSettings, request: Request) -> dict[str, Any]:
    """What administrators have decided."""
    describe_read(request)
    limits = limits_of(request.db, None, bound_of(request))
    return _present(instance_settings(request.db), limits)


@view_config(
    context=ApiInstanceSettings,
    request_method="PUT",
    permission=Permissions.INSTANCE_SETTINGS,
    renderer="json",
)
def change_settings(_context: ApiInstanceSettings, request: Request) -> dict[str, Any]:
    """Turn the package registry of the instance off or on; forbid anyone to pull, or people to
    create groups at the top, or permit it; set the limits of stored bytes."""
    parameters = read_parameters(request)
    if parameters.keys().isdisjoint(_KNOWN):
        raise Invalid(f"Send at least one of the parameters {', '.join(_KNOWN)}.")
    enabled, anyone, groups = (optional_boolean(parameters, name) for name in _SWITCHES)
    changes = InstanceChanges(
        packages_enabled=enabled, anyone_can_pull_allowed=anyone, users_create_groups=groups
    )
    limits = limits_in(parameters, LIMITS)
    settings = change_instance_settings(request.db, changes, request.actor, request.now)
    return _present(
        settings,
        change_instance_limits(
            request.db, limits, request.actor, request.now, bound=bound_of(request)
        ),
    )


def _present(settings: InstanceSettings, limits: Limits) -> dict[str, Any]:
    return {**present_instance_settings(settings), **present_instance_limits(limits)}

"""The settings of the instance, for its administrators."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.presenters import present_instance_settings
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import optional_boolean, read_parameters
from pyregistry.namespaces.services.instance import (
    InstanceChanges,
    change_instance_settings,
    instance_settings,
)
from pyregistry.resources.api_instance import ApiInstanceSettings

_ENABLED = "packages_enabled"
_ANYONE = "package_registry_allow_anyone_to_pull_option"
_GROUPS = "can_create_group"
_KNOWN = (_ENABLED, _ANYONE, _GROUPS)


@view_config(
    context=ApiInstanceSettings,
    request_method="GET",
    permission=Permissions.INSTANCE_SETTINGS,
    renderer="json",
)
def show_settings(_context: ApiInstanceSettings, request: Request) -> dict[str, Any]:
    """What administrators have decided."""
    describe_read(request)
    return present_instance_settings(instance_settings(request.db))


@view_config(
    context=ApiInstanceSettings,
    request_method="PUT",
    permission=Permissions.INSTANCE_SETTINGS,
    renderer="json",
)
def change_settings(_context: ApiInstanceSettings, request: Request) -> dict[str, Any]:
    """Turn the package registry of the instance off or on; forbid anyone to pull, or people to
    create groups at the top, or permit it."""
    parameters = read_parameters(request)
    if parameters.keys().isdisjoint(_KNOWN):
        raise Invalid(f"Send at least one of the parameters {', '.join(_KNOWN)}.")
    enabled, anyone, groups = (optional_boolean(parameters, name) for name in _KNOWN)
    changes = InstanceChanges(
        packages_enabled=enabled, anyone_can_pull_allowed=anyone, users_create_groups=groups
    )
    return present_instance_settings(
        change_instance_settings(request.db, changes, request.actor, request.now)
    )

"""Groups and projects themselves."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.presenters import AccessLevel, present_group, present_project
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import boolean, choice, optional_text, read_parameters
from pyregistry.namespaces.models import Namespace, Visibility
from pyregistry.namespaces.services.rename import rename
from pyregistry.namespaces.services.settings import Changes, change_settings, read_settings
from pyregistry.resources.api import ApiGroup, ApiProject

_OF_GROUPS = ("visibility", "packages_enabled", "path")
_OF_PROJECTS = (*_OF_GROUPS, "package_registry_access_level")


@view_config(
    context=ApiGroup, request_method="GET", permission=Permissions.GROUP_READ, renderer="json"
)
def show_group(context: ApiGroup, request: Request) -> dict[str, Any]:
    """A group with its settings."""
    describe_read(request)
    return present_group(read_settings(request.db, context.record.id))


@view_config(
    context=ApiProject, request_method="GET", permission=Permissions.PROJECT_READ, renderer="json"
)
def show_project(context: ApiProject, request: Request) -> dict[str, Any]:
    """A project with its settings."""
    describe_read(request)
    return present_project(read_settings(request.db, context.record.id))


@view_config(
    context=ApiGroup,
    request_method="PUT",
    permission=Permissions.NAMESPACE_SETTINGS,
    renderer="json",
)
def change_group(context: ApiGroup, request: Request) -> dict[str, Any]:
    """Set a group's visibility, and turn its package registry off or on."""
    parameters = _some_of(_OF_GROUPS, read_parameters(request))
    changes = Changes(_visibility(parameters), _switch(parameters, "packages_enabled"))
    _rename(request, context.record.id, parameters)
    return present_group(_changed(request, context.record.id, changes))


@view_config(
    context=ApiProject,
    request_method="PUT",
    permission=Permissions.NAMESPACE_SETTINGS,
    renderer="json",
)
def change_project(context: ApiProject, request: Request) -> dict[str, Any]:
    """Set a project's visibility, turn its package registry off or on, let anyone pull or not."""
    parameters = _some_of(_OF_PROJECTS, read_parameters(request))
    enabled, level = _switch(parameters, "packages_enabled"), _access_level(parameters)
    if level is not None:
        level_enabled = level is not AccessLevel.DISABLED
        if enabled not in (None, level_enabled):
            raise Invalid(
                "The parameters packages_enabled and package_registry_access_level contradict"
                " each other: send one of them."
            )
        enabled = level_enabled
    # Whether anyone may pull is not forgotten while the package registry is turned off.
    anyone = None if level in (None, AccessLevel.DISABLED) else level is AccessLevel.PUBLIC
    changes = Changes(_visibility(parameters), enabled, anyone)
    _rename(request, context.record.id, parameters)
    return present_project(_changed(request, context.record.id, changes))


def _changed(request: Request, namespace_id: int, changes: Changes) -> Namespace:
    return change_settings(request.db, namespace_id, changes, request.actor, request.now)


def _rename(request: Request, namespace_id: int, parameters: dict[str, Any]) -> None:
    path = optional_text(parameters, "path")
    if path is not None:
        rename(request.db, namespace_id, path, request.actor, request.now)


def _some_of(known: tuple[str, ...], parameters: dict[str, Any]) -> dict[str, Any]:
    if parameters.keys().isdisjoint(known):
        raise Invalid(f"Send at least one of the parameters {', '.join(known)}.")
    return parameters


def _visibility(parameters: dict[str, Any]) -> Visibility | None:
    return choice(parameters, "visibility", Visibility) if "visibility" in parameters else None


def _access_level(parameters: dict[str, Any]) -> AccessLevel | None:
    name = "package_registry_access_level"
    return choice(parameters, name, AccessLevel) if name in parameters else None


def _switch(parameters: dict[str, Any], name: str) -> bool | None:
    return boolean(parameters, name) if name in parameters else None

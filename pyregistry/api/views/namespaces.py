"""Groups and projects themselves."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.callers import granter_of
from pyregistry.api.limits import OF_NAMESPACES as LIMITS
from pyregistry.api.limits import set_limits, with_limits
from pyregistry.api.namespaces import (
    OF_GROUPS,
    OF_PROJECTS,
    group_changes_in,
    project_changes_in,
    shown_group,
    shown_project,
)
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import optional_text, read_parameters
from pyregistry.members.services.authority import hold_ownership
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.rename import rename
from pyregistry.namespaces.services.settings import Changes, change_settings, read_settings
from pyregistry.resources.api import ApiGroup, ApiNamespace, ApiProject


@view_config(
    context=ApiGroup, request_method="GET", permission=Permissions.GROUP_READ, renderer="json"
)
def show_group(context: ApiGroup, request: Request) -> dict[str, Any]:
    """A group with its settings."""
    describe_read(request)
    return with_limits(context, shown_group(request, read_settings(request.db, context.record.id)))


@view_config(
    context=ApiProject, request_method="GET", permission=Permissions.PROJECT_READ, renderer="json"
)
def show_project(context: ApiProject, request: Request) -> dict[str, Any]:
    """A project with its settings."""
    describe_read(request)
    project = read_settings(request.db, context.record.id)
    return with_limits(context, shown_project(request, project))


@view_config(
    context=ApiGroup,
    request_method="PUT",
    permission=Permissions.NAMESPACE_SETTINGS,
    renderer="json",
)
def change_group(context: ApiGroup, request: Request) -> dict[str, Any]:
    """Set a group's name, description, path, visibility and limits; turn its package registry off
    or on."""
    parameters = _some_of((*OF_GROUPS, "path", *LIMITS), read_parameters(request))
    changes = group_changes_in(parameters)
    _hold(context)
    _rename(request, context.record.id, parameters)
    group = _changed(context, changes)
    set_limits(context, parameters)
    return with_limits(context, shown_group(request, group))


@view_config(
    context=ApiProject,
    request_method="PUT",
    permission=Permissions.NAMESPACE_SETTINGS,
    renderer="json",
)
def change_project(context: ApiProject, request: Request) -> dict[str, Any]:
    """Set what a group has, and whether anyone may pull."""
    parameters = _some_of((*OF_PROJECTS, "path", *LIMITS), read_parameters(request))
    changes = project_changes_in(parameters)
    _hold(context)
    _rename(request, context.record.id, parameters)
    project = _changed(context, changes)
    set_limits(context, parameters)
    return with_limits(context, shown_project(request, project))


def _hold(context: ApiNamespace) -> None:
    request = context.request
    hold_ownership(request.db, context.record.id, granter_of(request), request.now)


def _changed(context: ApiNamespace, changes: Changes) -> Namespace:
    request = context.request
    return change_settings(request.db, context.record.id, changes, request.actor, request.now)


def _rename(request: Request, namespace_id: int, parameters: dict[str, Any]) -> None:
    path = optional_text(parameters, "path")
    if path is not None:
        rename(request.db, namespace_id, path, request.actor, request.now)


def _some_of(known: tuple[str, ...], parameters: dict[str, Any]) -> dict[str, Any]:
    if parameters.keys().isdisjoint(known):
        raise Invalid(f"Send at least one of the parameters {', '.join(known)}.")
    return parameters

"""Creating groups and projects."""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden
from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.callers import granter_of
from pyregistry.api.namespaces import (
    group_changes_in,
    project_changes_in,
    shown_group,
    shown_project,
)
from pyregistry.api.targets import optional_place
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid
from pyregistry.http.parameters import optional_text, read_parameters
from pyregistry.members.services.creation import create_inside, create_top_group
from pyregistry.namespaces.models import Namespace, NamespaceKind, Visibility
from pyregistry.namespaces.names import path_of
from pyregistry.namespaces.services.create import NewNamespace
from pyregistry.namespaces.services.settings import Changes
from pyregistry.resources.api import ApiGroups, ApiProjects
from pyregistry.resources.base import Resource
from pyregistry.resources.namespaces import NamespaceResource


@view_config(
    context=ApiGroups,
    request_method="POST",
    permission=Permissions.NAMESPACE_CREATE,
    renderer="json",
)
def create_group(context: ApiGroups, request: Request) -> dict[str, Any]:
    """Create a group at the top, or in the group `parent_id`."""
    parameters = read_parameters(request)
    changes = group_changes_in(parameters)
    name, path = _required(parameters, "name"), _required(parameters, "path")
    new = _new(name, path, changes)
    parent = optional_place(request, parameters, "parent_id")
    if parent is None:
        _check_permitted(request, Permissions.GROUP_CREATE, context)
        group = create_top_group(request.db, new, changes, granter_of(request), request.now)
    else:
        group = _created_inside(parent, NamespaceKind.GROUP, new, changes)
    request.response.status_int = 201
    return shown_group(request, group)


@view_config(
    context=ApiProjects,
    request_method="POST",
    permission=Permissions.NAMESPACE_CREATE,
    renderer="json",
)
def create_project(_context: ApiProjects, request: Request) -> dict[str, Any]:
    """Create a project in the group `namespace_id`."""
    parameters = read_parameters(request)
    changes = project_changes_in(parameters)
    name, path = optional_text(parameters, "name"), optional_text(parameters, "path")
    if name is None and path is None:
        raise Invalid("The parameters name and path are missing: send one of them.")
    new = _new(name, path_of(name or "") if path is None else path, changes)
    group = optional_place(request, parameters, "namespace_id")
    if group is None:
        raise Invalid(
            "The parameter namespace_id is missing: send the id of a group. There are no personal "
            "namespaces."
        )
    project = _created_inside(group, NamespaceKind.PROJECT, new, changes)
    request.response.status_int = 201
    return shown_project(request, project)


def _created_inside(
    group: NamespaceResource, kind: NamespaceKind, new: NewNamespace, changes: Changes
) -> Namespace:
    request = group.request
    _check_permitted(request, Permissions.NAMESPACE_CREATE, group)
    by = granter_of(request)
    return create_inside(request.db, kind, group.record.id, new, changes, by, request.now)


def _check_permitted(request: Request, permission: Permissions, place: Resource) -> None:
    result = request.has_permission(permission, place)
    if not result:
        raise HTTPForbidden(result=result)


def _new(name: str | None, path: str, changes: Changes) -> NewNamespace:
    return NewNamespace(
        path, name, changes.description or "", changes.visibility or Visibility.PRIVATE
    )


def _required(parameters: dict[str, Any], name: str) -> str:
    text = optional_text(parameters, name)
    if not text:
        raise Invalid(f"The parameter {name} is missing.")
    return text

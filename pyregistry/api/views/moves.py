"""Moving groups and projects, and deleting them."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.callers import granter_of
from pyregistry.api.namespaces import shown_group, shown_project
from pyregistry.api.paging import shown_slice, window_of
from pyregistry.api.targets import optional_group
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import read_parameters, searched
from pyregistry.members.services.authority import hold_ownership
from pyregistry.namespaces.models import Namespace
from pyregistry.resources.api import ApiGroup, ApiNamespace, ApiProject
from pyregistry.resources.api_moves import (
    ApiGroupTransfer,
    ApiProjectTransfer,
    ApiTransferLocations,
)
from pyregistry.resources.base import OfNamespace, viewer_of
from pyregistry.tree.services.delete import delete_namespace
from pyregistry.tree.services.locations import transfer_locations
from pyregistry.tree.services.transfer import transfer

_ACCEPTED = {"message": "202 Accepted"}


@view_config(
    context=ApiProjectTransfer,
    request_method="PUT",
    permission=Permissions.NAMESPACE_TRANSFER,
    renderer="json",
)
def transfer_project(context: ApiProjectTransfer, request: Request) -> dict[str, Any]:
    """Move a project to the group that `namespace` names by its id or path."""
    group = optional_group(request, read_parameters(request), "namespace")
    if group is None:
        raise Invalid("The parameter namespace is missing: send the id or the path of a group.")
    return shown_project(request, _transferred(context, request, group.id))


@view_config(
    context=ApiGroupTransfer,
    request_method="POST",
    permission=Permissions.NAMESPACE_TRANSFER,
    renderer="json",
)
def transfer_group(context: ApiGroupTransfer, request: Request) -> dict[str, Any]:
    """Move a group into the one that `group_id` names, or to the top level without it."""
    group = optional_group(request, read_parameters(request), "group_id")
    moved = _transferred(context, request, group.id if group is not None else None)
    request.response.status_int = 201
    return shown_group(request, moved)


@view_config(
    context=ApiTransferLocations,
    request_method="GET",
    permission=Permissions.NAMESPACE_TRANSFER,
    renderer="json",
)
def list_transfer_locations(context: ApiTransferLocations, request: Request) -> list[Any]:
    """The groups that the caller may move it to, as far as their role there decides."""
    window, query = window_of(request), searched(request, "search")
    describe_read(request)
    found = transfer_locations(
        request.db, context.namespace.id, viewer_of(request), window, query=query
    )
    return [
        {"id": group.id, "name": group.name, "path": group.path, "full_path": group.full_path}
        for group in shown_slice(request, window, found)
    ]


@view_config(
    context=ApiProject,
    request_method="DELETE",
    permission=Permissions.NAMESPACE_DELETE,
    renderer="json",
)
def delete_project(context: ApiProject, request: Request) -> dict[str, str]:
    """Delete a project with everything in it, at once."""
    return _deleted(context, request)


@view_config(
    context=ApiGroup,
    request_method="DELETE",
    permission=Permissions.NAMESPACE_DELETE,
    renderer="json",
)
def delete_group(context: ApiGroup, request: Request) -> dict[str, str]:
    """Delete a group with everything in it, at once."""
    return _deleted(context, request)


def _transferred(context: OfNamespace, request: Request, group_id: int | None) -> Namespace:
    by = granter_of(request)
    return transfer(request.db, context.namespace.id, group_id, by, request.now)


def _deleted(context: ApiNamespace, request: Request) -> dict[str, str]:
    hold_ownership(request.db, context.record.id, granter_of(request), request.now)
    delete_namespace(request.db, context.record.id, request.actor, request.now)
    request.response.status_int = 202
    return _ACCEPTED

"""Lists of groups and projects: of the instance, and in a group."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.namespace_filters import (
    Wanted,
    briefly,
    groups_wanted,
    projects_wanted,
    with_subgroups,
)
from pyregistry.api.namespaces import shown_groups, shown_projects
from pyregistry.api.paging import shown_slice, window_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.http.caching import describe_read
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.listing import Place, namespaces_slice
from pyregistry.resources.api import ApiGroups, ApiProjects
from pyregistry.resources.api_namespaces import (
    ApiDescendantGroups,
    ApiGroupProjects,
    ApiSubgroups,
)
from pyregistry.resources.base import viewer_of


@view_config(
    context=ApiGroups,
    request_method="GET",
    permission=Permissions.NAMESPACES_LIST,
    renderer="json",
)
def list_groups(_context: ApiGroups, request: Request) -> list[dict[str, Any]]:
    """The groups of the instance that the caller may see."""
    return _groups(request, Place())


@view_config(
    context=ApiSubgroups, request_method="GET", permission=Permissions.GROUP_READ, renderer="json"
)
def list_subgroups(context: ApiSubgroups, request: Request) -> list[dict[str, Any]]:
    """The groups directly in a group."""
    return _groups(request, Place(context.group.id, deep=False))


@view_config(
    context=ApiDescendantGroups,
    request_method="GET",
    permission=Permissions.GROUP_READ,
    renderer="json",
)
def list_descendant_groups(context: ApiDescendantGroups, request: Request) -> list[dict[str, Any]]:
    """The groups in a group, however deep."""
    return _groups(request, Place(context.group.id))


@view_config(
    context=ApiProjects,
    request_method="GET",
    permission=Permissions.NAMESPACES_LIST,
    renderer="json",
)
def list_projects(_context: ApiProjects, request: Request) -> list[dict[str, Any]]:
    """The projects of the instance that the caller may see."""
    return _projects(request, Place())


@view_config(
    context=ApiGroupProjects,
    request_method="GET",
    permission=Permissions.GROUP_READ,
    renderer="json",
)
def list_group_projects(context: ApiGroupProjects, request: Request) -> list[dict[str, Any]]:
    """The projects directly in a group, or with `include_subgroups` all that are in it."""
    return _projects(request, Place(context.group.id, deep=with_subgroups(request)))


def _groups(request: Request, place: Place) -> list[dict[str, Any]]:
    found = _listed(request, place, groups_wanted(request, viewer_of(request)))
    return shown_groups(request, found)


def _projects(request: Request, place: Place) -> list[dict[str, Any]]:
    found = _listed(request, place, projects_wanted(request))
    return shown_projects(request, found, briefly=briefly(request))


def _listed(request: Request, place: Place, wanted: Wanted) -> list[Namespace]:
    window = window_of(request)
    found = namespaces_slice(
        request.db,
        viewer_of(request),
        place,
        wanted.selection,
        window,
        by=wanted.by,
        descending=wanted.descending,
    )
    describe_read(request)
    return list(shown_slice(request, window, found))

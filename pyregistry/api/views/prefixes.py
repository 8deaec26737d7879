"""Reserved prefixes of groups."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.callers import changer_at
from pyregistry.api.paging import shown_slice, window_of
from pyregistry.api.presenters import present_reservation
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import optional_list, optional_text, read_parameters
from pyregistry.protection.services.prefixes import (
    Identifier,
    Wanted,
    change_prefix,
    release_prefix,
    reserve_prefix,
)
from pyregistry.protection.services.reservations import find_reservation, reservations_slice
from pyregistry.resources.api_protection import ApiReservedPrefix, ApiReservedPrefixes
from pyregistry.resources.base import number_of


@view_config(
    context=ApiReservedPrefixes,
    request_method="GET",
    permission=Permissions.PROTECTION_READ,
    renderer="json",
)
def list_prefixes(context: ApiReservedPrefixes, request: Request) -> list[dict[str, Any]]:
    """The prefixes that the group itself has reserved, oldest first, a page at a time."""
    window = window_of(request)
    found = reservations_slice(request.db, context.group.id, window)
    describe_read(request)
    return [present_reservation(each) for each in shown_slice(request, window, found)]


@view_config(
    context=ApiReservedPrefix,
    request_method="GET",
    permission=Permissions.PROTECTION_READ,
    renderer="json",
)
def show_prefix(context: ApiReservedPrefix, request: Request) -> dict[str, Any]:
    """One of them."""
    describe_read(request)
    return present_reservation(find_reservation(request.db, context.group.id, context.prefix_id))


@view_config(
    context=ApiReservedPrefixes,
    request_method="POST",
    permission=Permissions.PROTECTION_MANAGE,
    renderer="json",
)
def reserve(context: ApiReservedPrefixes, request: Request) -> dict[str, Any]:
    """Reserve a prefix for some projects."""
    wanted, by = _wanted(request), changer_at(context)
    found = reserve_prefix(request.db, context.group.id, wanted, by, request.now)
    request.response.status_int = 201
    return present_reservation(found)


@view_config(
    context=ApiReservedPrefix,
    request_method="PUT",
    permission=Permissions.PROTECTION_MANAGE,
    renderer="json",
)
def change(context: ApiReservedPrefix, request: Request) -> dict[str, Any]:
    """Change a prefix, its projects or both; what is not sent stays as it is."""
    wanted, by = _wanted(request), changer_at(context)
    found = change_prefix(request.db, context.group.id, context.prefix_id, wanted, by, request.now)
    return present_reservation(found)


@view_config(
    context=ApiReservedPrefix, request_method="DELETE", permission=Permissions.PROTECTION_MANAGE
)
def release(context: ApiReservedPrefix, request: Request) -> Response:
    """Give a prefix up."""
    by = changer_at(context)
    release_prefix(request.db, context.group.id, context.prefix_id, by, request.now)
    return Response(status=204)


def _wanted(request: Request) -> Wanted:
    parameters = read_parameters(request)
    ids = optional_list(parameters, "project_ids")
    paths = optional_list(parameters, "project_paths")
    projects: list[Identifier] | None = None
    if ids is not None or paths is not None:
        projects = [*map(_project_id, ids or ()), *(paths or ())]
    return Wanted(optional_text(parameters, "prefix"), projects)


def _project_id(text: str) -> int:
    number = number_of(text)
    if number is None:
        raise Invalid("The parameter project_ids must be whole numbers.")
    return number

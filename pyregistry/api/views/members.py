"""Members of groups and projects."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.accounts.services.listing import find_visible_user
from pyregistry.accounts.services.users import find_user
from pyregistry.api.callers import granter_of
from pyregistry.api.paging import shown_slice, window_of
from pyregistry.api.presenters import present_member
from pyregistry.api.roles import role_in
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import (
    optional_day,
    optional_number,
    optional_text,
    read_parameters,
    searched,
)
from pyregistry.members.days import end_of
from pyregistry.members.errors import MemberNotFound
from pyregistry.members.services.change import (
    Grant,
    add_member,
    change_member,
    remove_member,
)
from pyregistry.members.services.listing import find_member, members_slice
from pyregistry.resources.api_members import (
    ApiAllMembers,
    ApiEffectiveMember,
    ApiMember,
    ApiMembers,
    NamedByUserId,
)
from pyregistry.resources.base import viewer_of


@view_config(
    context=ApiMembers, request_method="GET", permission=Permissions.MEMBERS_READ, renderer="json"
)
def list_members(context: ApiMembers, request: Request) -> list[dict[str, Any]]:
    """Those who have a role of their own in the group or project, a page at a time."""
    return _listed(request, context.namespace.id, inherited=False)


@view_config(
    context=ApiAllMembers,
    request_method="GET",
    permission=Permissions.MEMBERS_READ,
    renderer="json",
)
def list_all_members(context: ApiAllMembers, request: Request) -> list[dict[str, Any]]:
    """Those, too, who have a role from a group above, with their highest one."""
    return _listed(request, context.namespace.id, inherited=True)


@view_config(
    context=ApiMember, request_method="GET", permission=Permissions.MEMBERS_READ, renderer="json"
)
def show_member(context: ApiMember, request: Request) -> dict[str, Any]:
    """One member of the group or project itself."""
    describe_read(request)
    return _presented(request, context.namespace.id, _user_id(context))


@view_config(
    context=ApiEffectiveMember,
    request_method="GET",
    permission=Permissions.MEMBERS_READ,
    renderer="json",
)
def show_effective_member(context: ApiEffectiveMember, request: Request) -> dict[str, Any]:
    """One member, with the highest role that they have here or from a group above."""
    describe_read(request)
    member = find_member(
        request.db, context.namespace.id, _user_id(context), request.now, inherited=True
    )
    return present_member(member)


@view_config(
    context=ApiMembers,
    request_method="POST",
    permission=Permissions.MEMBERS_MANAGE,
    renderer="json",
)
def add(context: ApiMembers, request: Request) -> dict[str, Any]:
    """Make a user, named by `user_id` or `username`, a member."""
    parameters = read_parameters(request)
    user_id = optional_number(parameters, "user_id")
    username = optional_text(parameters, "username")
    if (user_id is None) == (username is None):
        raise Invalid("Send one of the parameters user_id and username.")
    grant = _grant(parameters)
    if user_id is not None:
        # Ids can be counted through: who sees nobody must not find out who there is.
        user = find_visible_user(request.db, viewer_of(request), user_id)
    else:
        user = find_user(request.db, username or "")
    add_member(request.db, context.namespace.id, user, grant, granter_of(request), request.now)
    request.response.status_int = 201
    return _presented(request, context.namespace.id, user.id)


@view_config(
    context=ApiMember, request_method="PUT", permission=Permissions.MEMBERS_MANAGE, renderer="json"
)
def change(context: ApiMember, request: Request) -> dict[str, Any]:
    """Give a member another role or end; without `expires_at` the end stays as it is."""
    grant = _grant(read_parameters(request))
    namespace_id, user_id = context.namespace.id, _user_id(context)
    change_member(request.db, namespace_id, user_id, grant, granter_of(request), request.now)
    return _presented(request, namespace_id, user_id)


@view_config(context=ApiMember, request_method="DELETE", permission=Permissions.MEMBERS_LEAVE)
def remove(context: ApiMember, request: Request) -> Response:
    """Remove a member; whoever may do nothing else here may remove themselves."""
    user_id = _user_id(context)
    remove_member(request.db, context.namespace.id, user_id, granter_of(request), request.now)
    return Response(status=204)


def _listed(request: Request, namespace_id: int, *, inherited: bool) -> list[dict[str, Any]]:
    window = window_of(request)
    members = members_slice(
        request.db,
        namespace_id,
        request.now,
        window,
        inherited=inherited,
        query=searched(request, "query"),
    )
    describe_read(request)
    return [present_member(member) for member in shown_slice(request, window, members)]


def _presented(request: Request, namespace_id: int, user_id: int) -> dict[str, Any]:
    return present_member(find_member(request.db, namespace_id, user_id, request.now))


def _user_id(context: NamedByUserId) -> int:
    if context.user_id is None:
        raise MemberNotFound
    return context.user_id


def _grant(parameters: dict[str, Any]) -> Grant:
    role, last_day = role_in(parameters), optional_day(parameters, "expires_at")
    return Grant(
        role,
        None if last_day is None else end_of(last_day),
        keeps_end="expires_at" not in parameters,
    )

"""Users: people see who there is, administrators create, change, block and delete them."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.accounts.errors import UserNotFound
from pyregistry.accounts.services.change import change_user
from pyregistry.accounts.services.listing import find_visible_user, list_users
from pyregistry.accounts.services.users import (
    NO_SUCH_ID,
    block,
    create_user,
    find_user_by_id,
    unblock,
)
from pyregistry.api.paging import shown_slice, window_of
from pyregistry.api.token_presenters import present_user_token
from pyregistry.api.tokens import day_in, name_in, scopes_in, token_with_secret
from pyregistry.api.user_presenters import present_account, present_membership, present_user
from pyregistry.api.users import (
    changes_in,
    check_keeps_contributions,
    filter_in,
    new_user_in,
    sorting_in,
    source_kind_in,
)
from pyregistry.authnz.permissions import TOKENS_OF_USERS, CredentialKind, Permissions
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import read_parameters
from pyregistry.members.services.delete import delete_user
from pyregistry.members.services.memberships import memberships_of
from pyregistry.resources.api_users import (
    ApiUserBlock,
    ApiUserById,
    ApiUserMemberships,
    ApiUsers,
    ApiUserTokens,
    ApiUserUnblock,
    OfUser,
)
from pyregistry.resources.base import viewer_of
from pyregistry.tokens.services.personal import create_personal_token
from pyregistry.tokens.services.selection import Selection


@view_config(
    context=ApiUsers, request_method="GET", permission=Permissions.USERS_READ, renderer="json"
)
def list_(_context: ApiUsers, request: Request) -> list[dict[str, Any]]:
    """The users whom the caller may see, a page at a time."""
    window, sorting = window_of(request), sorting_in(request)
    found = list_users(
        request.db,
        viewer_of(request),
        filter_in(request),
        window,
        by=sorting.by,
        descending=sorting.descending,
    )
    describe_read(request)
    present = present_account if request.identity.is_admin else present_user
    return [present(user) for user in shown_slice(request, window, found)]


@view_config(
    context=ApiUserById, request_method="GET", permission=Permissions.USERS_READ, renderer="json"
)
def show(context: ApiUserById, request: Request) -> dict[str, Any]:
    """One user."""
    user = find_visible_user(request.db, viewer_of(request), _id_of(context))
    describe_read(request)
    return present_account(user) if request.identity.is_admin else present_user(user)


@view_config(
    context=ApiUsers, request_method="POST", permission=Permissions.USERS_MANAGE, renderer="json"
)
def create(_context: ApiUsers, request: Request) -> dict[str, Any]:
    """Create a user; without `password` they have none until one is set."""
    wanted = new_user_in(read_parameters(request))
    user = create_user(request.db, wanted, request.actor, request.now)
    request.response.status_int = 201
    return present_account(user)


@view_config(
    context=ApiUserById, request_method="PUT", permission=Permissions.USERS_MANAGE, renderer="json"
)
def change(context: ApiUserById, request: Request) -> dict[str, Any]:
    """Change what is sent of a user."""
    changes = changes_in(read_parameters(request))
    user = change_user(request.db, _id_of(context), changes, request.actor, request.now)
    return present_account(user)


@view_config(context=ApiUserById, request_method="DELETE", permission=Permissions.USERS_MANAGE)
def delete(context: ApiUserById, request: Request) -> Response:
    """Delete a user for ever, with every role and token."""
    check_keeps_contributions(request)
    delete_user(request.db, _id_of(context), request.actor, request.now)
    return Response(status=204)


@view_config(
    context=ApiUserBlock,
    request_method="POST",
    permission=Permissions.USERS_MANAGE,
    renderer="json",
)
def block_(context: ApiUserBlock, request: Request) -> bool:
    """Stop a user; of one who is blocked already nothing changes."""
    user = find_user_by_id(request.db, _id_of(context))
    block(request.db, user, request.actor, request.now)
    request.response.status_int = 201
    return True


@view_config(
    context=ApiUserUnblock,
    request_method="POST",
    permission=Permissions.USERS_MANAGE,
    renderer="json",
)
def unblock_(context: ApiUserUnblock, request: Request) -> bool:
    """Let a user in again."""
    user = find_user_by_id(request.db, _id_of(context))
    unblock(request.db, user, request.actor, request.now)
    request.response.status_int = 201
    return True


@view_config(
    context=ApiUserMemberships,
    request_method="GET",
    permission=Permissions.USER_MEMBERSHIPS_READ,
    renderer="json",
)
def list_memberships(context: ApiUserMemberships, request: Request) -> list[dict[str, Any]]:
    """The groups and projects in which a user has a role of their own, a page at a time."""
    window, kind = window_of(request), source_kind_in(request)
    user = find_user_by_id(request.db, _id_of(context))
    found = memberships_of(request.db, user.id, window, request.now, kind=kind)
    describe_read(request)
    return [present_membership(each) for each in shown_slice(request, window, found)]


@view_config(
    context=ApiUserTokens,
    request_method="POST",
    permission=Permissions.USERS_MANAGE,
    renderer="json",
)
def create_token(context: ApiUserTokens, request: Request) -> dict[str, Any]:
    """Make a personal access token for somebody."""
    parameters = read_parameters(request)
    user = find_user_by_id(request.db, _id_of(context))
    token = create_personal_token(
        request.db,
        user.id,
        name_in(parameters),
        scopes_in(parameters, CredentialKind.PERSONAL_ACCESS_TOKEN),
        by=request.actor,
        expires_at=day_in(parameters),
        longest=request.components.settings.tokens_max_lifetime,
        now=request.now,
    )
    request.response.status_int = 201
    selection = Selection(TOKENS_OF_USERS, user_id=user.id)
    return token_with_secret(request, selection, token, present_user_token)


def _id_of(context: ApiUserById | OfUser) -> int:
    if context.user_id is None:
        raise UserNotFound(NO_SUCH_ID)
    return context.user_id

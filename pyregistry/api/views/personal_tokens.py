"""The caller's own tokens; administrators have a hand in everybody's."""

from dataclasses import replace
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.paging import page_of, shown_on
from pyregistry.api.token_presenters import present_user_token
from pyregistry.api.tokens import active_in, granter_of, id_of, renewal_in
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid, NotAllowed
from pyregistry.http.caching import describe_read, describe_secret
from pyregistry.http.parameters import optional_number
from pyregistry.resources.api_tokens import (
    ApiOwnToken,
    ApiOwnTokenRotation,
    ApiPersonalToken,
    ApiPersonalTokenRotation,
    ApiPersonalTokens,
)
from pyregistry.tokens.errors import TokenNotFound
from pyregistry.tokens.services.change import revoke_token, rotate_token
from pyregistry.tokens.services.selection import (
    TOKENS_OF_USERS,
    Selection,
    find_token,
    tokens_page,
)


@view_config(
    context=ApiPersonalTokens,
    request_method="GET",
    permission=Permissions.OWN_TOKENS_READ,
    renderer="json",
)
def list_personal_tokens(_context: ApiPersonalTokens, request: Request) -> list[dict[str, Any]]:
    """The caller's tokens, a page at a time; to administrators all, or those of `user_id`."""
    identity, page = request.identity, page_of(request)
    user_id = optional_number(dict(request.GET), "user_id")
    if user_id not in (None, identity.user_id) and not identity.is_admin:
        raise NotAllowed("Only an administrator sees the tokens of others: leave user_id out.")
    selection = _selection(request)
    if user_id is not None:
        selection = replace(selection, user_id=user_id)
    tokens = tokens_page(
        request.db,
        selection,
        request.now,
        active=active_in(request),
        offset=page.offset,
        limit=page.limit,
    )
    describe_read(request)
    return [present_user_token(token, request.now) for token in shown_on(page, request, tokens)]


@view_config(
    context=ApiPersonalToken,
    request_method="GET",
    permission=Permissions.OWN_TOKENS_READ,
    renderer="json",
)
def show(context: ApiPersonalToken, request: Request) -> dict[str, Any]:
    """One token."""
    return _shown(request, id_of(context))


@view_config(
    context=ApiOwnToken,
    request_method="GET",
    permission=Permissions.OWN_TOKENS_READ,
    renderer="json",
)
def show_own(_context: ApiOwnToken, request: Request) -> dict[str, Any]:
    """The token that the request is sent with."""
    return _shown(request, _own_id(request))


@view_config(
    context=ApiPersonalToken, request_method="DELETE", permission=Permissions.OWN_TOKENS_MANAGE
)
def revoke(context: ApiPersonalToken, request: Request) -> Response:
    """Revoke a token."""
    return _revoked(request, id_of(context))


@view_config(context=ApiOwnToken, request_method="DELETE", permission=Permissions.OWN_TOKENS_MANAGE)
def revoke_own(_context: ApiOwnToken, request: Request) -> Response:
    """Revoke the token that the request is sent with."""
    return _revoked(request, _own_id(request))


@view_config(
    context=ApiPersonalTokenRotation,
    request_method="POST",
    permission=Permissions.OWN_TOKENS_MANAGE,
    renderer="json",
)
def rotate(context: ApiPersonalTokenRotation, request: Request) -> dict[str, Any]:
    """Put a new token in the place of one."""
    return _rotated(request, id_of(context.token))


@view_config(
    context=ApiOwnTokenRotation,
    request_method="POST",
    permission=Permissions.OWN_TOKENS_MANAGE,
    renderer="json",
)
def rotate_own(_context: ApiOwnTokenRotation, request: Request) -> dict[str, Any]:
    """Put a new token in the place of the one that the request is sent with."""
    return _rotated(request, _own_id(request))


def _selection(request: Request) -> Selection:
    identity = request.identity
    if identity.is_admin:
        return Selection(TOKENS_OF_USERS)
    if identity.user_id is None:
        raise TokenNotFound  # Without a user everybody's would be selected.
    return Selection(TOKENS_OF_USERS, user_id=identity.user_id)


def _own_id(request: Request) -> int:
    credential = request.identity.credential
    if credential.kind not in TOKENS_OF_USERS:
        raise Invalid("Here self is the token of the request: send one.")
    token_id: int = credential.id
    return token_id


def _shown(request: Request, token_id: int) -> dict[str, Any]:
    found = find_token(request.db, _selection(request), token_id)
    describe_read(request)
    return present_user_token(found, request.now)


def _revoked(request: Request, token_id: int) -> Response:
    revoke_token(request.db, _selection(request), token_id, granter_of(request), request.now)
    return Response(status=204)


def _rotated(request: Request, token_id: int) -> dict[str, Any]:
    selection, renewal = _selection(request), renewal_in(request)
    token, secret = rotate_token(
        request.db, selection, token_id, renewal, granter_of(request), request.now
    )
    describe_secret(request)
    found = find_token(request.db, selection, token.id)
    return {**present_user_token(found, request.now), "token": secret}

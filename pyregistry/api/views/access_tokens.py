"""Access tokens of groups and projects."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.callers import granter_of
from pyregistry.api.roles import role_in
from pyregistry.api.token_presenters import present_user_token
from pyregistry.api.tokens import (
    day_in,
    id_of,
    listed_tokens,
    name_in,
    renewal_in,
    scopes_in,
    shown_token,
    token_with_secret,
)
from pyregistry.authnz.permissions import CredentialKind, Permissions
from pyregistry.authnz.roles import Role
from pyregistry.errors import Invalid
from pyregistry.http.parameters import optional_text, read_parameters
from pyregistry.resources.api_tokens import (
    ApiAccessToken,
    ApiAccessTokenRotation,
    ApiAccessTokens,
    ApiOwnAccessTokenRotation,
)
from pyregistry.tokens.services.access import NewAccessToken, create_access_token
from pyregistry.tokens.services.change import revoke_token, rotate_token
from pyregistry.tokens.services.selection import Selection


@view_config(
    context=ApiAccessTokens,
    request_method="GET",
    permission=Permissions.TOKENS_READ,
    renderer="json",
)
def list_access_tokens(context: ApiAccessTokens, request: Request) -> list[dict[str, Any]]:
    """The access tokens of the group or project itself, a page at a time."""
    return listed_tokens(request, context.selection, present_user_token)


@view_config(
    context=ApiAccessTokens,
    request_method="POST",
    permission=Permissions.ACCESS_TOKENS_MANAGE,
    renderer="json",
)
def create(context: ApiAccessTokens, request: Request) -> dict[str, Any]:
    """Create an access token with its bot, who is a Maintainer unless `access_level` says else."""
    parameters = read_parameters(request)
    wanted = NewAccessToken(
        name_in(parameters),
        scopes_in(parameters, CredentialKind.PROJECT_ACCESS_TOKEN),
        role_in(parameters, usual=Role.MAINTAINER),
        day_in(parameters),
        optional_text(parameters, "description"),
    )
    token = create_access_token(
        request.db,
        context.namespace.id,
        wanted,
        granter_of(request),
        longest=request.components.settings.tokens_max_lifetime,
        now=request.now,
    )
    request.response.status_int = 201
    return token_with_secret(request, context.selection, token, present_user_token)


@view_config(
    context=ApiAccessToken,
    request_method="GET",
    permission=Permissions.TOKENS_READ,
    renderer="json",
)
def show(context: ApiAccessToken, request: Request) -> dict[str, Any]:
    """One access token."""
    return shown_token(request, context.selection, id_of(context), present_user_token)


@view_config(
    context=ApiAccessToken, request_method="DELETE", permission=Permissions.ACCESS_TOKENS_MANAGE
)
def revoke(context: ApiAccessToken, request: Request) -> Response:
    """Revoke an access token; its bot is no member any more."""
    revoke_token(
        request.db,
        context.selection,
        id_of(context),
        granter_of(request),
        request.now,
    )
    return Response(status=204)


@view_config(
    context=ApiAccessTokenRotation,
    request_method="POST",
    permission=Permissions.ACCESS_TOKENS_MANAGE,
    renderer="json",
)
def rotate(context: ApiAccessTokenRotation, request: Request) -> dict[str, Any]:
    """Put a new token in the place of an access token."""
    named = context.token
    return _rotated(request, named.selection, id_of(named))


@view_config(
    context=ApiOwnAccessTokenRotation,
    request_method="POST",
    permission=Permissions.OWN_TOKENS_MANAGE,
    renderer="json",
)
def rotate_own(context: ApiOwnAccessTokenRotation, request: Request) -> dict[str, Any]:
    """Put a new token in the place of the one that the request is sent with."""
    selection = context.token.selection
    credential = request.identity.credential
    if credential.kind not in selection.kinds:
        raise Invalid("Here self is an access token of this group or project: send that.")
    return _rotated(request, selection, credential.id)


def _rotated(request: Request, selection: Selection, token_id: int) -> dict[str, Any]:
    renewal, by = renewal_in(request), granter_of(request)
    token = rotate_token(request.db, selection, token_id, renewal, by, request.now)
    return token_with_secret(request, selection, token, present_user_token)

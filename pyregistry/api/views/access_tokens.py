"""Access tokens of groups and projects."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.paging import page_of, shown_on
from pyregistry.api.token_presenters import present_user_token
from pyregistry.api.tokens import (
    active_in,
    day_in,
    granter_of,
    id_of,
    name_in,
    renewal_in,
    scopes_in,
)
from pyregistry.authnz.permissions import CredentialKind, Permissions
from pyregistry.authnz.roles import Role
from pyregistry.errors import Invalid
from pyregistry.http.caching import describe_read, describe_secret
from pyregistry.http.parameters import optional_number, read_parameters
from pyregistry.resources.api_tokens import (
    ApiAccessToken,
    ApiAccessTokenRotation,
    ApiAccessTokens,
    ApiOwnAccessTokenRotation,
)
from pyregistry.tokens.services.access import NewAccessToken, create_access_token
from pyregistry.tokens.services.change import revoke_token, rotate_token
from pyregistry.tokens.services.selection import Selection, find_token, tokens_page


@view_config(
    context=ApiAccessTokens,
    request_method="GET",
    permission=Permissions.TOKENS_READ,
    renderer="json",
)
def list_access_tokens(context: ApiAccessTokens, request: Request) -> list[dict[str, Any]]:
    """The access tokens of the group or project itself, a page at a time."""
    page = page_of(request)
    tokens = tokens_page(
        request.db,
        context.selection,
        request.now,
        active=active_in(request),
        offset=page.offset,
        limit=page.limit,
    )
    describe_read(request)
    return [present_user_token(token, request.now) for token in shown_on(page, request, tokens)]


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
        scopes_in(request, parameters, CredentialKind.PROJECT_ACCESS_TOKEN),
        _role(parameters),
        day_in(parameters),
    )
    token, secret = create_access_token(
        request.db,
        context.namespace.id,
        wanted,
        granter_of(request),
        longest=request.components.settings.tokens_max_lifetime,
        now=request.now,
    )
    request.response.status_int = 201
    return _with_secret(request, context.selection, token.id, secret)


@view_config(
    context=ApiAccessToken,
    request_method="GET",
    permission=Permissions.TOKENS_READ,
    renderer="json",
)
def show(context: ApiAccessToken, request: Request) -> dict[str, Any]:
    """One access token."""
    found = find_token(request.db, context.selection, id_of(context))
    describe_read(request)
    return present_user_token(found, request.now)


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
    token, secret = rotate_token(request.db, selection, token_id, renewal, by, request.now)
    return _with_secret(request, selection, token.id, secret)


def _with_secret(
    request: Request, selection: Selection, token_id: int, secret: str
) -> dict[str, Any]:
    describe_secret(request)
    found = find_token(request.db, selection, token_id)
    return {**present_user_token(found, request.now), "token": secret}


def _role(parameters: dict[str, Any]) -> Role:
    level = optional_number(parameters, "access_level")
    if level is None:
        return Role.MAINTAINER
    if level not in set(Role):
        raise Invalid(f"The parameter access_level must be one of: {', '.join(map(str, Role))}.")
    return Role(level)

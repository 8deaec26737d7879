"""Deploy tokens of groups and projects."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.callers import granter_of
from pyregistry.api.token_presenters import present_deploy_token
from pyregistry.api.tokens import (
    id_of,
    listed_tokens,
    moment_in,
    name_in,
    renewal_in,
    scopes_in,
    shown_token,
    token_with_secret,
)
from pyregistry.authnz.permissions import CredentialKind, Permissions
from pyregistry.http.parameters import optional_text, read_parameters
from pyregistry.resources.api_tokens import (
    ApiAllDeployTokens,
    ApiDeployToken,
    ApiDeployTokenRotation,
    ApiDeployTokens,
)
from pyregistry.tokens.services.change import revoke_token, rotate_token
from pyregistry.tokens.services.deploy import NewDeployToken, create_deploy_token


@view_config(
    context=ApiDeployTokens,
    request_method="GET",
    permission=Permissions.TOKENS_READ,
    renderer="json",
)
def list_deploy_tokens(context: ApiDeployTokens, request: Request) -> list[dict[str, Any]]:
    """The deploy tokens of the group or project itself, a page at a time."""
    return listed_tokens(request, context.selection, present_deploy_token)


@view_config(
    context=ApiAllDeployTokens,
    request_method="GET",
    permission=Permissions.TOKENS_READ,
    renderer="json",
)
def list_all_deploy_tokens(context: ApiAllDeployTokens, request: Request) -> list[dict[str, Any]]:
    """The deploy tokens of all groups and projects, a page at a time, for administrators."""
    return listed_tokens(request, context.selection, present_deploy_token)


@view_config(
    context=ApiDeployTokens,
    request_method="POST",
    permission=Permissions.DEPLOY_TOKENS_MANAGE,
    renderer="json",
)
def create(context: ApiDeployTokens, request: Request) -> dict[str, Any]:
    """Create a deploy token."""
    parameters = read_parameters(request)
    wanted = NewDeployToken(
        name_in(parameters),
        scopes_in(parameters, CredentialKind.DEPLOY_TOKEN),
        optional_text(parameters, "username"),
        moment_in(parameters),
    )
    token = create_deploy_token(
        request.db,
        context.namespace.id,
        wanted,
        granter_of(request),
        longest=request.components.settings.tokens_max_lifetime,
        now=request.now,
    )
    request.response.status_int = 201
    return token_with_secret(request, context.selection, token, present_deploy_token)


@view_config(
    context=ApiDeployToken,
    request_method="GET",
    permission=Permissions.TOKENS_READ,
    renderer="json",
)
def show(context: ApiDeployToken, request: Request) -> dict[str, Any]:
    """One deploy token."""
    return shown_token(request, context.selection, id_of(context), present_deploy_token)


@view_config(
    context=ApiDeployToken, request_method="DELETE", permission=Permissions.DEPLOY_TOKENS_MANAGE
)
def revoke(context: ApiDeployToken, request: Request) -> Response:
    """Revoke a deploy token."""
    revoke_token(
        request.db,
        context.selection,
        id_of(context),
        granter_of(request),
        request.now,
    )
    return Response(status=204)


@view_config(
    context=ApiDeployTokenRotation,
    request_method="POST",
    permission=Permissions.DEPLOY_TOKENS_MANAGE,
    renderer="json",
)
def rotate(context: ApiDeployTokenRotation, request: Request) -> dict[str, Any]:
    """Put a new token in the place of a deploy token; it keeps the user name."""
    named = context.token
    selection = named.selection
    renewal = renewal_in(request, with_time=True)
    token = rotate_token(
        request.db, selection, id_of(named), renewal, granter_of(request), request.now
    )
    return token_with_secret(request, selection, token, present_deploy_token)

"""The pages that create, rotate and revoke access tokens and deploy tokens.

A new token is shown once, by the list of tokens that the form then leads to.
"""

from typing import Any

from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.callers import granter_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.roles import Role
from pyregistry.resources.base import OfNamespace
from pyregistry.resources.pages.tokens import (
    AccessTokenRevocationPage,
    AccessTokenRotationPage,
    DeployTokenRevocationPage,
    DeployTokenRotationPage,
    NewAccessTokenPage,
    NewDeployTokenPage,
    OfToken,
)
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.access import NewAccessToken, create_access_token
from pyregistry.tokens.services.change import Renewal, revoke_token, rotate_token
from pyregistry.tokens.services.deploy import NewDeployToken, create_deploy_token
from pyregistry.tokens.services.selection import ListedToken, find_token
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.grants import check_confirmed_by_button, role_in, role_options
from pyregistry.ui.handovers import hand_over
from pyregistry.ui.new_tokens import NEW_TOKEN, new_token_page
from pyregistry.ui.submissions import NOTHING_SENT, Attempt, Sent, attempt, done, read_form
from pyregistry.ui.tokens import (
    ACCESS,
    DEPLOY,
    TEMPLATES,
    TOKENS,
    TokenKind,
    end_in,
    kind_of,
    longest_lifetime,
    scopes_in,
    tokens_page,
    usual_end,
)

Made = tuple[Token, str]
"""A new token with its secret."""


@view_config(
    context=NewAccessTokenPage,
    request_method="GET",
    permission=Permissions.ACCESS_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}add.jinja2",
)
def ask_for_access_token(context: NewAccessTokenPage, request: Request) -> dict[str, Any]:
    """The form for a new access token."""
    return _form(context, request, ACCESS)


@view_config(
    context=NewAccessTokenPage,
    request_method="POST",
    permission=Permissions.ACCESS_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}add.jinja2",
)
def add_access_token(context: NewAccessTokenPage, request: Request) -> Any:
    """Create an access token with its bot, and show it."""
    sent, by = read_form(request), granter_of(request)

    def change() -> Made:
        scopes = scopes_in(sent, ACCESS.scopes, ACCESS.label)
        role, end = role_in(sent), end_in(sent)
        new = NewAccessToken(sent.text("name"), scopes, role, end, sent.given("description"))
        longest = longest_lifetime(request)
        return create_access_token(
            request.db, context.namespace.id, new, by, longest=longest, now=request.now
        )

    tried = attempt(request, change)
    if tried.result is None:
        return _form(context, request, ACCESS, sent, tried)
    return _shown_once(context, request, tried.result)


@view_config(
    context=NewDeployTokenPage,
    request_method="GET",
    permission=Permissions.DEPLOY_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}add.jinja2",
)
def ask_for_deploy_token(context: NewDeployTokenPage, request: Request) -> dict[str, Any]:
    """The form for a new deploy token."""
    return _form(context, request, DEPLOY)


@view_config(
    context=NewDeployTokenPage,
    request_method="POST",
    permission=Permissions.DEPLOY_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}add.jinja2",
)
def add_deploy_token(context: NewDeployTokenPage, request: Request) -> Any:
    """Create a deploy token, and show it."""
    sent, by = read_form(request), granter_of(request)

    def change() -> Made:
        scopes, end = scopes_in(sent, DEPLOY.scopes, DEPLOY.label), end_in(sent)
        new = NewDeployToken(sent.text("name"), scopes, sent.given("username"), end)
        longest = longest_lifetime(request)
        return create_deploy_token(
            request.db, context.namespace.id, new, by, longest=longest, now=request.now
        )

    tried = attempt(request, change)
    if tried.result is None:
        return _form(context, request, DEPLOY, sent, tried)
    return _shown_once(context, request, tried.result)


@view_config(
    context=AccessTokenRotationPage,
    request_method="GET",
    permission=Permissions.ACCESS_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}rotate.jinja2",
)
@view_config(
    context=DeployTokenRotationPage,
    request_method="GET",
    permission=Permissions.DEPLOY_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}rotate.jinja2",
)
def ask_to_rotate(context: OfToken, request: Request) -> dict[str, Any]:
    """Ask whether a token shall be replaced by a new one. Raises `TokenNotFound`."""
    return _change(context, request, "Rotate", _found(context))


@view_config(
    context=AccessTokenRotationPage,
    request_method="POST",
    permission=Permissions.ACCESS_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}rotate.jinja2",
)
@view_config(
    context=DeployTokenRotationPage,
    request_method="POST",
    permission=Permissions.DEPLOY_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}rotate.jinja2",
)
def rotate(context: OfToken, request: Request) -> Any:
    """Put a new token in the place of a token, and show it. Raises `TokenNotFound`."""
    sent, by, found = read_form(request), granter_of(request), _found(context)

    def change() -> Made:
        check_confirmed_by_button(sent)
        renewal = Renewal(end_in(sent), longest_lifetime(request))
        token_id, selection = context.token_id, context.selection
        return rotate_token(request.db, selection, token_id, renewal, by, request.now)

    tried = attempt(request, change)
    if tried.result is None:
        return _change(context, request, "Rotate", found, sent, tried)
    return _shown_once(context, request, tried.result)


@view_config(
    context=AccessTokenRevocationPage,
    request_method="GET",
    permission=Permissions.ACCESS_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}revoke.jinja2",
)
@view_config(
    context=DeployTokenRevocationPage,
    request_method="GET",
    permission=Permissions.DEPLOY_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}revoke.jinja2",
)
def ask_to_revoke(context: OfToken, request: Request) -> dict[str, Any]:
    """Ask whether a token shall be revoked. Raises `TokenNotFound`."""
    return _change(context, request, "Revoke", _found(context))


@view_config(
    context=AccessTokenRevocationPage,
    request_method="POST",
    permission=Permissions.ACCESS_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}revoke.jinja2",
)
@view_config(
    context=DeployTokenRevocationPage,
    request_method="POST",
    permission=Permissions.DEPLOY_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}revoke.jinja2",
)
def revoke(context: OfToken, request: Request) -> Any:
    """Revoke a token. Raises `TokenNotFound`."""
    sent, by, found = read_form(request), granter_of(request), _found(context)

    def change() -> str:
        check_confirmed_by_button(sent)
        revoke_token(request.db, context.selection, context.token_id, by, request.now)
        return f"The token “{found.token.name}” is revoked: it opens nothing any more."

    tried = attempt(request, change)
    if tried.result is None:
        return _change(context, request, "Revoke", found, sent, tried)
    address = Addresses(request).page(context.namespace.full_path, TOKENS)
    return done(request, address, tried.result)


def _found(context: OfToken) -> ListedToken:
    return find_token(context.request.db, context.selection, context.token_id)


def _form(
    context: OfNamespace,
    request: Request,
    kind: TokenKind,
    sent: Sent = NOTHING_SENT,
    tried: Attempt[Made] | None = None,
) -> dict[str, Any]:
    page = tokens_page(context, request, f"New {kind.label}", sent, tried)
    if tried is None:
        page["sent"] = {"ends_on": usual_end(request).isoformat(), "role": str(int(Role.DEVELOPER))}
    return {**page, "kind": kind, "roles": role_options(context)}


def _change(
    context: OfToken,
    request: Request,
    verb: str,
    found: ListedToken,
    sent: Sent = NOTHING_SENT,
    tried: Attempt[Any] | None = None,
) -> dict[str, Any]:
    kind = kind_of(found.token.kind)
    page = tokens_page(context, request, f"{verb} {kind.label}", sent, tried)
    return {**page, "kind": kind, "token": found.token, "role": found.role}


def _shown_once(context: OfNamespace, request: Request, made: Made) -> Response:
    token, secret = made
    address = Addresses(request).page(context.namespace.full_path, TOKENS)
    leads_on = hand_over(request, address, {"token": token.id, "secret": secret})
    if leads_on is not None:
        return leads_on
    page = new_token_page(context, request, token, secret)
    return render_to_response(NEW_TOKEN, page, request=request, response=request.response)

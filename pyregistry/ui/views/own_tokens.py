"""One's own access tokens. A new one is shown once, by the list that the form leads to."""

from typing import Any

from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.callers import granter_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.resources.pages.profile import (
    EndedOwnTokensPage,
    NewOwnTokenPage,
    OfOwnToken,
    OwnTokenRevocationPage,
    OwnTokenRotationPage,
    OwnTokensPage,
)
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.change import Renewal, revoke_token, rotate_token
from pyregistry.tokens.services.personal import create_personal_token
from pyregistry.tokens.services.selection import find_token, tokens_slice
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.handovers import hand_over, take_over
from pyregistry.ui.own_tokens import (
    NEW_TOKEN,
    SCOPES,
    TOKENS,
    new_token_page,
    own_selection,
)
from pyregistry.ui.profile import PROFILE, TEMPLATES, profile_page
from pyregistry.ui.submissions import NOTHING_SENT, Attempt, Sent, attempt, done, read_form
from pyregistry.ui.tokens import (
    bounds_of_end,
    end_in,
    longest_lifetime,
    scopes_in,
    usual_end,
)
from pyregistry.ui.views.paging import part_of, window_after

Made = tuple[Token, str]
"""A new token with its secret."""


@view_config(
    context=OwnTokensPage,
    request_method="GET",
    permission=Permissions.OWN_TOKENS_READ,
    renderer=f"{TEMPLATES}tokens.jinja2",
)
def list_tokens(context: OwnTokensPage, request: Request) -> dict[str, Any]:
    """The visitor's tokens that are valid, the oldest first; before them, once, one that is new."""
    made = take_over(request)
    if made is not None:
        token = find_token(request.db, own_selection(request), made["token"]).token
        request.override_renderer = NEW_TOKEN
        return new_token_page(context, request, token, made["secret"])
    return _list(context, request, active=True, title="")


@view_config(
    context=EndedOwnTokensPage,
    request_method="GET",
    permission=Permissions.OWN_TOKENS_READ,
    renderer=f"{TEMPLATES}tokens.jinja2",
)
def list_ended_tokens(context: EndedOwnTokensPage, request: Request) -> dict[str, Any]:
    """The visitor's tokens that are valid no more."""
    return _list(context, request, active=False, title="Revoked and expired")


@view_config(
    context=NewOwnTokenPage,
    request_method="GET",
    permission=Permissions.SELF_MANAGE,
    renderer=f"{TEMPLATES}add_token.jinja2",
)
def ask_for_token(context: NewOwnTokenPage, request: Request) -> dict[str, Any]:
    """The form for a new token."""
    proposed = Sent({"ends_on": usual_end(request).isoformat()}, {"scopes": ["read_api"]})
    return _form(context, request, "New token", proposed)


@view_config(
    context=NewOwnTokenPage,
    request_method="POST",
    permission=Permissions.SELF_MANAGE,
    renderer=f"{TEMPLATES}add_token.jinja2",
)
def add_token(context: NewOwnTokenPage, request: Request) -> Any:
    """Create a token and show it, or show the form again."""
    sent = read_form(request)

    def change() -> Made:
        return create_personal_token(
            request.db,
            request.identity.user_id,
            sent.text("name"),
            scopes_in(sent, SCOPES),
            by=request.actor,
            expires_at=end_in(sent),
            longest=longest_lifetime(request),
            now=request.now,
        )

    tried = attempt(request, change)
    if tried.result is None:
        return _form(context, request, "New token", sent, tried)
    return _shown_once(context, request, tried.result)


@view_config(
    context=OwnTokenRotationPage,
    request_method="GET",
    permission=Permissions.OWN_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}rotate_token.jinja2",
)
def ask_to_rotate(context: OwnTokenRotationPage, request: Request) -> dict[str, Any]:
    """What rotating will do."""
    return _of_token(context, request, "Rotate")


@view_config(
    context=OwnTokenRotationPage,
    request_method="POST",
    permission=Permissions.OWN_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}rotate_token.jinja2",
)
def rotate(context: OwnTokenRotationPage, request: Request) -> Any:
    """Put a new token in the place of one, and show it."""
    sent, page = read_form(request), _of_token(context, request, "Rotate")

    def change() -> Made:
        renewal = Renewal(end_in(sent), longest_lifetime(request))
        selection, by = own_selection(request), granter_of(request)
        return rotate_token(request.db, selection, context.token_id, renewal, by, request.now)

    tried = attempt(request, change)
    if tried.result is None:
        return {**page, "sent": sent.shown(), "refusal": tried.refusal}
    return _shown_once(context, request, tried.result)


@view_config(
    context=OwnTokenRevocationPage,
    request_method="GET",
    permission=Permissions.OWN_TOKENS_MANAGE,
    renderer=f"{TEMPLATES}revoke_token.jinja2",
)
def ask_to_revoke(context: OwnTokenRevocationPage, request: Request) -> dict[str, Any]:
    """What revoking will do."""
    return _of_token(context, request, "Revoke")


@view_config(
    context=OwnTokenRevocationPage,
    request_method="POST",
    permission=Permissions.OWN_TOKENS_MANAGE,
)
def revoke(context: OwnTokenRevocationPage, request: Request) -> Response:
    """Revoke a token."""
    selection, by = own_selection(request), granter_of(request)
    revoke_token(request.db, selection, context.token_id, by, request.now)
    name = find_token(request.db, selection, context.token_id).token.name
    address = Addresses(request).instance_page(PROFILE, TOKENS)
    return done(request, address, f"The token {name} was revoked.")


def _list(
    context: OwnTokensPage | EndedOwnTokensPage, request: Request, *, active: bool, title: str
) -> dict[str, Any]:
    window, selection = window_after(request), own_selection(request)
    tokens = part_of(
        lambda part: tokens_slice(request.db, selection, request.now, part, active=active), window
    )
    return {
        **profile_page(context, request, TOKENS, title=title),
        "tokens": tokens,
        "active": active,
        "is_first": window.cursor is None,
    }


def _form(
    context: NewOwnTokenPage,
    request: Request,
    title: str,
    sent: Sent = NOTHING_SENT,
    tried: Attempt[Made] | None = None,
) -> dict[str, Any]:
    refusal = tried.refusal if tried is not None else None
    page = profile_page(context, request, TOKENS, title=title, sent=sent, refusal=refusal)
    return {**page, "scopes": SCOPES, **bounds_of_end(request)}


def _of_token(context: OfOwnToken, request: Request, title: str) -> dict[str, Any]:
    """The page about one token. Raises `TokenNotFound`."""
    token = find_token(request.db, own_selection(request), context.token_id).token
    page = profile_page(context, request, TOKENS, title=title)
    return {**page, "token": token, **bounds_of_end(request)}


def _shown_once(context: NewOwnTokenPage | OfOwnToken, request: Request, made: Made) -> Response:
    """The page with the secret, which nobody may keep."""
    token, secret = made
    address = Addresses(request).instance_page(PROFILE, TOKENS)
    leads_on = hand_over(request, address, {"token": token.id, "secret": secret})
    if leads_on is not None:
        return leads_on
    page = new_token_page(context, request, token, secret)
    # Without it the answer would be another object, with none of the headers above.
    return render_to_response(NEW_TOKEN, page, request, response=request.response)

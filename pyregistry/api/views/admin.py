"""Tokens that were found somewhere: what they are, and stopping them."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.callers import granter_of
from pyregistry.api.token_presenters import present_found_token
from pyregistry.authnz.permissions import CredentialKind, Permissions
from pyregistry.errors import Invalid
from pyregistry.http.caching import describe_secret
from pyregistry.http.parameters import optional_text, read_parameters
from pyregistry.resources.api_admin import ApiFoundToken
from pyregistry.tokens.errors import NoToken, TokenNotFound
from pyregistry.tokens.secrets import is_token
from pyregistry.tokens.services.change import revoke_token
from pyregistry.tokens.services.check import KnownToken, check_token
from pyregistry.tokens.services.selection import Selection, find_token

_OF_EVERY_KIND = Selection(frozenset(CredentialKind))


@view_config(
    context=ApiFoundToken,
    request_method="POST",
    permission=Permissions.FOUND_TOKENS_MANAGE,
    renderer="json",
)
def show(_context: ApiFoundToken, request: Request) -> dict[str, Any]:
    """What the token in the body is, and whether it is valid."""
    known = _known(request)
    describe_secret(request)
    listed = find_token(request.db, _OF_EVERY_KIND, known.id)
    return present_found_token(listed, known, request.now)


@view_config(
    context=ApiFoundToken, request_method="DELETE", permission=Permissions.FOUND_TOKENS_MANAGE
)
def revoke(_context: ApiFoundToken, request: Request) -> Response:
    """Revoke the token in the body; of one that was revoked nothing changes."""
    token_id = _known(request).id
    revoke_token(request.db, _OF_EVERY_KIND, token_id, granter_of(request), request.now)
    return Response(status=204)


def _known(request: Request) -> KnownToken:
    secret = optional_text(read_parameters(request), "token")
    if not secret:
        raise Invalid("The parameter token is missing: send it in the body.")
    if not is_token(secret):
        raise NoToken
    known = check_token(request.db, secret, request.now)
    if known is None:
        raise TokenNotFound
    return known

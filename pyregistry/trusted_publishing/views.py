"""The exchange that upload clients know from PyPI, without a credential but the ID token."""

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from pyregistry.components import Components
from pyregistry.errors import TooLarge
from pyregistry.http.objects import read_object
from pyregistry.http.parameters import check_body_size
from pyregistry.http.refusals import coded_response
from pyregistry.resources.oidc import BurnToken, ExchangeAudience, MintToken
from pyregistry.trusted_publishing.audiences import Audiences
from pyregistry.trusted_publishing.errors import ExchangeRefused, InvalidPayload
from pyregistry.trusted_publishing.services.exchange import Exchange
from pyregistry.trusted_publishing.services.revoke import burn_token


@view_config(
    context=ExchangeAudience,
    request_method="GET",
    permission=NO_PERMISSION_REQUIRED,
    renderer="json",
)
def tell_audience(_context: ExchangeAudience, request: Request) -> dict[str, str]:
    """Whom ID tokens must be made out to."""
    components: Components = request.components
    request.response.headers["Cache-Control"] = "no-cache"
    return {"audience": components.settings.oidc_audience}


@view_config(
    context=MintToken,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    # Nothing in the request but the ID token itself counts, and no browser has one.
    require_csrf=False,
)
def mint_token(_context: MintToken, request: Request) -> Response:
    """Exchange an ID token for a job token."""
    components: Components = request.components
    exchange = Exchange(
        components.database, components.issuer_keys, Audiences.of(components.settings)
    )

    def mint() -> dict[str, Any]:
        minted = exchange.mint(_token_in(request), request.visitor, request.now)
        return {"token": minted.secret, "expires": int(minted.expires_at.timestamp())}

    return _answered(request, mint)


@view_config(
    context=BurnToken,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    require_csrf=False,
)
def burn(_context: BurnToken, request: Request) -> Response:
    """Revoke a job token that is no longer needed; any other is answered alike."""
    components: Components = request.components

    def revoke() -> dict[str, Any]:
        burn_token(components.database, _token_in(request), request.visitor, request.now)
        return {}

    return _answered(request, revoke)


def _answered(request: Request, do: Callable[[], dict[str, Any]]) -> Response:
    """What `do` gives, as an answer. Raises `TooManyRequests` for too many failures."""
    components: Components = request.components
    try:
        response = Response(json={"success": True, **do()})
    except ExchangeRefused as refusal:
        if refusal.is_failure:
            components.throttle.token_failed(request.remote_addr)
        return coded_response(refusal.status, refusal.code, refusal.sentence)
    response.headers["Cache-Control"] = "no-store"
    return response


def _token_in(request: Request) -> str:
    """The text `token` of the JSON object that the body is, whatever its type is called."""
    try:
        check_body_size(request)
    except TooLarge as refusal:
        raise InvalidPayload(refusal.sentence) from None
    try:
        token = read_object(request.body).get("token")
    except ValueError:
        token = None
    if not isinstance(token, str):
        raise InvalidPayload('The body must be a JSON object such as {"token": "..."}.')
    return token


def includeme(config: Configurator) -> None:
    """Register the views of this module."""
    config.scan(__name__)

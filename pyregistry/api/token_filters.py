"""The parameters that choose tokens out of a list, as GitLab names them."""

from datetime import datetime

from pyramid.request import Request

from pyregistry.audit.filters import moment_of
from pyregistry.http.parameters import optional_boolean, searched
from pyregistry.tokens.services.filters import Period, TokenFilter


def token_filter_of(request: Request) -> TokenFilter:
    """The tokens that the query asks for. Raises `Invalid`."""
    return TokenFilter(
        search=searched(request, "search"),
        revoked=optional_boolean(dict(request.GET), "revoked"),
        created=_period(request, "created"),
        expires=_period(request, "expires"),
        last_used=_period(request, "last_used"),
    )


def _period(request: Request, what: str) -> Period:
    return Period(_moment(request, f"{what}_after"), _moment(request, f"{what}_before"))


def _moment(request: Request, name: str) -> datetime | None:
    text = request.GET.get(name)
    return moment_of(name, text) if text else None

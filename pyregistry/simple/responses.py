"""From a rendered page to a response: conditional, compressed, and cached by whom it may be."""

from collections.abc import Callable
from http import HTTPStatus

from pyramid.request import Request
from pyramid.response import Response

from pyregistry.http.caching import VARY_PAGE, become_not_modified, revalidated
from pyregistry.http.conditional import accepts_gzip, etag_matches, gzip_etag
from pyregistry.http.page_validators import HEADER, is_question, was_told
from pyregistry.simple.cache import RenderedPage


def validator_of(etag: str, cache_control: str, accept_encoding: str | None) -> str:
    """What names an answer: the page's bytes by their entity-tag and coding, and who may keep it.

    `etag` is that of the plain bytes. Where a page is too small to be compressed, two validators
    name the same bytes.
    """
    opaque = (gzip_etag(etag) if accepts_gzip(accept_encoding) else etag).strip('"')
    return f"{cache_control.partition(',')[0]}:{opaque}"


def page_response(
    request: Request, etag: str, serial: int, render: Callable[[], RenderedPage]
) -> Response:
    """The page with that entity-tag, or a 304 where the client holds it.

    `serial` is that of the last change that the page shows; `render` is called only
    where the page is sent. A proxy that asks for the validator gets it with a 204.
    """
    # Whoever sends no credentials gets what everybody gets.
    cache_control = revalidated(anyone=request.identity is None)
    validator = validator_of(etag, cache_control, request.headers.get("Accept-Encoding"))
    if is_question(request.environ):
        return _told(request, validator)
    response = request.response
    if was_told(request.environ):
        response.headers[HEADER] = validator
    response.headers["Cache-Control"] = cache_control
    response.headers["Vary"] = VARY_PAGE
    response.headers["X-PyPI-Last-Serial"] = str(serial)
    known = request.headers.get("If-None-Match")
    if etag_matches(known, etag):
        # The client stores the tag of the 304 beside its body: it must be the body's own.
        compressed = gzip_etag(etag)
        response.headers["ETag"] = compressed if compressed in known else etag
        return become_not_modified(response)
    page = render()
    variant = page.variant(request.headers.get("Accept-Encoding"))
    response.headers["ETag"] = variant.etag
    response.headers["Content-Type"] = page.content_type
    if variant.content_encoding is not None:
        response.headers["Content-Encoding"] = variant.content_encoding
    response.body = variant.body
    return response


def _told(request: Request, validator: str) -> Response:
    """The answer to a proxy's question. It is the client's request, and counted as one.

    Raises `TooManyRequests`.
    """
    request.count_question()
    response = request.response
    response.status_int = HTTPStatus.NO_CONTENT
    response.headers.pop("Content-Type", None)
    response.headers["Cache-Control"] = "no-store"
    response.headers[HEADER] = validator
    return response

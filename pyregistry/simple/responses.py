"""From a rendered page to a response: conditional, compressed, and cached by whom it may be."""

from collections.abc import Callable

from pyramid.request import Request
from pyramid.response import Response

from pyregistry.http.caching import VARY_PAGE, become_not_modified, revalidated
from pyregistry.http.conditional import etag_matches, gzip_etag
from pyregistry.simple.cache import RenderedPage


def page_response(
    request: Request, etag: str, serial: int, render: Callable[[], RenderedPage]
) -> Response:
    """The page with that entity-tag, or a 304 where the client holds it.

    `serial` is that of the last change that the page shows; `render` is called only
    where the page is sent.
    """
    response = request.response
    # Whoever sends no credentials gets what everybody gets.
    response.headers["Cache-Control"] = revalidated(anyone=request.identity is None)
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

"""The OpenAPI document of the API."""

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.openapi.document import document_bytes, document_etag
from pyregistry.authnz.permissions import Permissions
from pyregistry.http.caching import become_not_modified, describe_read
from pyregistry.http.conditional import etag_matches
from pyregistry.resources.api_instance import ApiDocument


@view_config(context=ApiDocument, request_method="GET", permission=Permissions.HOME_READ)
def show_document(_context: ApiDocument, request: Request) -> Response:
    """The document, or 304 where the client holds it: it tells nothing of this instance."""
    describe_read(request)
    response, etag = request.response, document_etag()
    response.headers["ETag"] = etag
    if etag_matches(request.headers.get("If-None-Match"), etag):
        return become_not_modified(response)
    response.content_type = "application/json"
    response.charset = None
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.body = document_bytes()
    return response

"""PyPI's JSON API and Integrity API over HTTP."""

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.components import Components
from pyregistry.http.caching import VARY_PAGE
from pyregistry.http.preferences import accepts_any_of
from pyregistry.packaging.errors import PackageNotFound
from pyregistry.packaging.names import valid_package_name
from pyregistry.pypi.services import DocumentRequest, document_page, offers_file
from pyregistry.resources.pypi import (
    Document,
    ProjectDocument,
    ProjectProvenance,
    Provenance,
    SubtreeDocument,
    SubtreeProvenance,
)
from pyregistry.simple.negotiation import NotAcceptable
from pyregistry.simple.responses import page_response

_PROVENANCE = ("application/vnd.pypi.integrity.v1+json", "application/json")


@view_config(context=ProjectDocument, request_method="GET", permission=Permissions.PACKAGE_PULL)
@view_config(context=SubtreeDocument, request_method="GET", permission=Permissions.INDEX_READ)
def document(context: Document, request: Request) -> Response:
    """What PyPI's JSON API says of a package, or of one release."""
    name, packages = context.normalized_name, context.packages
    # What can name no package has no address to be sent to either.
    if context.canonical_address is not None and valid_package_name(name):
        query = f"?{request.query_string}" if request.query_string else ""
        raise HTTPMovedPermanently(context.canonical_address + query, headers={"Vary": VARY_PAGE})
    if not packages:
        raise PackageNotFound("There is no such package in this index.")
    components: Components = request.components
    asked = DocumentRequest(name, context.version, packages, context.api.links(name))
    # Before any condition is looked at: whether there is such a release is known only now.
    page = document_page(request.db, components.pages, asked)
    request.response.headers["X-Content-Type-Options"] = "nosniff"
    return page_response(request, asked.etag, asked.serial, lambda: page)


@view_config(context=ProjectProvenance, request_method="GET", permission=Permissions.PACKAGE_PULL)
@view_config(context=SubtreeProvenance, request_method="GET", permission=Permissions.INDEX_READ)
def provenance(context: Provenance, request: Request) -> Response:
    """What vouches for a file (PEP 740): nothing, for every file so far."""
    if not offers_file(request.db, context.packages, context.version, context.filename):
        raise PackageNotFound("There is no such file in this index.")
    if not accepts_any_of(request.headers.get("Accept"), _PROVENANCE):
        raise NotAcceptable(f"The Accept header must allow {' or '.join(_PROVENANCE)}.")
    raise PackageNotFound(f"No provenance available for {context.filename}")


def includeme(config: Configurator) -> None:
    """Register the views of this module."""
    config.scan(__name__)

"""The simple repository API over HTTP (PEP 503, 691, 700, 714, 740, 792)."""

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.components import Components
from pyregistry.http.caching import VARY_PAGE
from pyregistry.packaging.errors import PackageNotFound
from pyregistry.packaging.names import valid_package_name
from pyregistry.remembered.offers import offer
from pyregistry.resources.indexes import (
    ProjectSimpleIndex,
    ProjectSimplePackage,
    SimpleIndex,
    SimplePackage,
    SubtreeSimpleIndex,
    SubtreeSimplePackage,
)
from pyregistry.simple.kept_pages import KeptPage
from pyregistry.simple.negotiation import MediaType, NotAcceptable, negotiate
from pyregistry.simple.responses import page_response
from pyregistry.simple.services import (
    index_identity,
    index_page,
    package_identity,
    package_page,
)


@view_config(context=ProjectSimpleIndex, request_method="GET", permission=Permissions.PACKAGE_PULL)
@view_config(context=SubtreeSimpleIndex, request_method="GET", permission=Permissions.INDEX_READ)
def simple_index(context: SimpleIndex, request: Request) -> Response:
    """Every package name in the index."""
    _redirect_to_canonical(context, request, context.__name__)
    components: Components = request.components
    projects = context.projects
    identity = index_identity(context.scope, projects, _media_type(request))
    response = page_response(
        request,
        identity.etag,
        identity.serial,
        lambda: index_page(request.db, components.pages, identity, projects),
    )
    offer(request, None, KeptPage.of(components.pages, identity, response))
    return response


@view_config(
    context=ProjectSimplePackage, request_method="GET", permission=Permissions.PACKAGE_PULL
)
@view_config(context=SubtreeSimplePackage, request_method="GET", permission=Permissions.INDEX_READ)
def simple_package(context: SimplePackage, request: Request) -> Response:
    """The files of one package."""
    name, packages = context.normalized_name, context.packages
    # What can name no package has no address to be sent to either.
    if valid_package_name(name):
        _redirect_to_canonical(context, request, name)
    if not packages:
        raise PackageNotFound("There is no such package in this index.")
    components: Components = request.components
    identity = package_identity(name, packages, _media_type(request))
    response = page_response(
        request,
        identity.etag,
        identity.serial,
        lambda: package_page(request.db, components.pages, identity, name, packages),
    )
    offer(request, name, KeptPage.of(components.pages, identity, response))
    return response


def _media_type(request: Request) -> MediaType:
    formats = request.GET.getall("format")
    if len(formats) > 1:
        raise NotAcceptable("Give ?format= once.")
    accept: str | None = request.headers.get("Accept")
    return negotiate(accept, formats[0] if formats else None)


def _redirect_to_canonical(
    context: SimpleIndex | SimplePackage, request: Request, name: str
) -> None:
    """Raise a redirect to this page's one address, with `name` last and a slash, in this mount.

    Links on the page are relative to that very address; without the slash they would
    lead elsewhere.
    """
    path: str = request.path
    if path.endswith(f"/{context.__name__}/") and context.__name__ == name:
        return
    location = request.resource_url(context.__parent__) + f"{name}/"
    if request.query_string:
        location += f"?{request.query_string}"
    raise HTTPMovedPermanently(location, headers={"Vary": VARY_PAGE})


def includeme(config: Configurator) -> None:
    """Register the views of this module."""
    config.scan(__name__)

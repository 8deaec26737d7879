"""Trusted publishers of projects."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.callers import granter_of
from pyregistry.api.paging import shown_slice, window_of
from pyregistry.api.presenters import present_trusted_publisher
from pyregistry.authnz.permissions import Permissions
from pyregistry.components import Components
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import optional_text, read_parameters
from pyregistry.resources.api_trusted_publishers import ApiTrustedPublisher, ApiTrustedPublishers
from pyregistry.trusted_publishing.errors import PublisherNotFound
from pyregistry.trusted_publishing.services.publishers import (
    NewPublisher,
    add_publisher,
    find_publisher,
    publishers_slice,
    remove_publisher,
)


@view_config(
    context=ApiTrustedPublishers,
    request_method="GET",
    permission=Permissions.TRUSTED_PUBLISHERS_READ,
    renderer="json",
)
def list_publishers(context: ApiTrustedPublishers, request: Request) -> list[dict[str, Any]]:
    """The trusted publishers of a project, oldest first, a page at a time."""
    window = window_of(request)
    publishers = publishers_slice(request.db, context.project.id, window)
    describe_read(request)
    return [
        present_trusted_publisher(listed.publisher)
        for listed in shown_slice(request, window, publishers)
    ]


@view_config(
    context=ApiTrustedPublisher,
    request_method="GET",
    permission=Permissions.TRUSTED_PUBLISHERS_READ,
    renderer="json",
)
def show_publisher(context: ApiTrustedPublisher, request: Request) -> dict[str, Any]:
    """One trusted publisher."""
    publisher = find_publisher(request.db, context.project.id, _publisher_id(context))
    describe_read(request)
    return present_trusted_publisher(publisher)


@view_config(
    context=ApiTrustedPublishers,
    request_method="POST",
    permission=Permissions.TRUSTED_PUBLISHERS_MANAGE,
    renderer="json",
)
def add(context: ApiTrustedPublishers, request: Request) -> dict[str, Any]:
    """Trust the jobs whose ID tokens have an issuer and claims."""
    components: Components = request.components
    parameters = read_parameters(request)
    wanted = NewPublisher(
        name=optional_text(parameters, "name") or "",
        issuer=optional_text(parameters, "issuer") or "",
        claims=parameters.get("claims"),
    )
    publisher = add_publisher(
        request.db,
        context.project.id,
        wanted,
        components.issuer_keys.issuers,
        granter_of(request),
        request.now,
    )
    request.response.status_int = 201
    return present_trusted_publisher(publisher)


@view_config(
    context=ApiTrustedPublisher,
    request_method="DELETE",
    permission=Permissions.TRUSTED_PUBLISHERS_MANAGE,
)
def remove(context: ApiTrustedPublisher, request: Request) -> Response:
    """Trust them no longer; job tokens that they were given are revoked."""
    remove_publisher(
        request.db, context.project.id, _publisher_id(context), granter_of(request), request.now
    )
    return Response(status=204)


def _publisher_id(context: ApiTrustedPublisher) -> int:
    if context.publisher_id is None:
        raise PublisherNotFound
    return context.publisher_id

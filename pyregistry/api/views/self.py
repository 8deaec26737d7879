"""The caller's own account, and the version of the registry."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.accounts.services.users import find_user_by_id
from pyregistry.api.user_presenters import present_account
from pyregistry.authnz.permissions import Permissions
from pyregistry.http.caching import describe_read
from pyregistry.resources.api_instance import ApiMetadata, ApiUser, ApiVersion
from pyregistry.version import __version__


@view_config(
    context=ApiUser, request_method="GET", permission=Permissions.SELF_READ, renderer="json"
)
def show_user(_context: ApiUser, request: Request) -> dict[str, Any]:
    """The caller's own account."""
    describe_read(request)
    return present_account(find_user_by_id(request.db, request.identity.user_id))


@view_config(
    context=ApiVersion, request_method="GET", permission=Permissions.SELF_READ, renderer="json"
)
def show_version(_context: ApiVersion, request: Request) -> dict[str, Any]:
    """Which version of pyregistry this is."""
    describe_read(request)
    return {"version": __version__, "revision": ""}


@view_config(
    context=ApiMetadata, request_method="GET", permission=Permissions.SELF_READ, renderer="json"
)
def show_metadata(_context: ApiMetadata, request: Request) -> dict[str, Any]:
    """The same, with what GitLab's clients expect beside it."""
    describe_read(request)
    agents = {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None, "version": None}
    return {"version": __version__, "revision": "", "kas": agents, "enterprise": False}

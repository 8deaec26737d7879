"""The caller of the API, as the services that change something want to know them."""

from pyramid.request import Request

from pyregistry.members.services.authority import Granter
from pyregistry.protection.changers import Changer
from pyregistry.resources.base import Resource, viewer_of
from pyregistry.resources.namespaces import authority_at


def granter_of(request: Request) -> Granter:
    """The caller, as who gives roles, tokens and trust, and takes them away."""
    return Granter(request.actor, is_admin=request.identity.is_admin)


def changer_at(context: Resource) -> Changer:
    """The caller, as who changes what protects the group or project."""
    request = context.request
    return Changer(request.actor, authority_at(context), viewer_of(request))

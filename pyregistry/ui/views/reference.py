"""The page that shows the API to people."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.resources.namespaces import ApiReference
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.breadcrumbs import Crumb
from pyregistry.ui.reference import chapters, named_objects, refusals


@view_config(
    context=ApiReference,
    request_method="GET",
    permission=Permissions.HOME_READ,
    renderer="pyregistry:ui/templates/reference/show.jinja2",
)
def show_reference(_context: ApiReference, request: Request) -> dict[str, Any]:
    """What the OpenAPI document says, which is the same for everybody."""
    addresses = Addresses(request)
    return {
        "chapters": chapters(addresses.api("").rstrip("/")),
        "objects": named_objects(),
        "refusals": refusals(),
        "crumbs": [Crumb("API", addresses.reference)],
    }

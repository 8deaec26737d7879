"""Groups and projects themselves."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.presenters import present_group, present_project
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid
from pyregistry.http.parameters import optional_text, read_parameters
from pyregistry.namespaces.models import Namespace, Visibility
from pyregistry.namespaces.services.visibility import set_visibility
from pyregistry.resources.api import ApiGroup, ApiProject


@view_config(
    context=ApiGroup,
    request_method="PUT",
    permission=Permissions.NAMESPACE_SETTINGS,
    renderer="json",
)
def change_group(context: ApiGroup, request: Request) -> dict[str, Any]:
    """Set a group's visibility."""
    return present_group(_changed(request, context.record.id))


@view_config(
    context=ApiProject,
    request_method="PUT",
    permission=Permissions.NAMESPACE_SETTINGS,
    renderer="json",
)
def change_project(context: ApiProject, request: Request) -> dict[str, Any]:
    """Set a project's visibility."""
    return present_project(_changed(request, context.record.id))


def _changed(request: Request, namespace_id: int) -> Namespace:
    try:
        visibility = Visibility(optional_text(read_parameters(request), "visibility") or "")
    except ValueError:
        raise Invalid(
            f"The parameter visibility must be one of: {', '.join(Visibility)}."
        ) from None
    return set_visibility(request.db, namespace_id, visibility, request.actor, request.now)

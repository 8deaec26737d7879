"""Groups that the parameters of a request name."""

from typing import Any

from pyramid.request import Request

from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.policy import acl_permits
from pyregistry.errors import Invalid
from pyregistry.http.parameters import optional_label
from pyregistry.namespaces.errors import NamespaceNotFound
from pyregistry.namespaces.models import NamespaceKind
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.packaging.services.lookup import Resolution
from pyregistry.resources.identifiers import resolve_identifier
from pyregistry.resources.namespaces import NamespaceResource
from pyregistry.sentences import shown


def optional_group(
    request: Request, parameters: dict[str, Any], name: str
) -> NamespaceRecord | None:
    """The group whose id or path a parameter holds; None where it is absent or null.

    Raises as `optional_place` does.
    """
    place = optional_place(request, parameters, name)
    return place.record if place is not None else None


def optional_place(
    request: Request, parameters: dict[str, Any], name: str
) -> NamespaceResource | None:
    """The same group as a place in the tree, where it can be asked who may do what.

    Raises `Invalid`, and `NamespaceNotFound` for what is not there or hidden from the caller, or
    no group.
    """
    identifier = optional_label(parameters, name)
    if identifier is None:
        return None
    if not identifier:
        raise Invalid(f"The parameter {name} must be the id or the path of a group.")
    segments = identifier.strip("/").split("/")
    lineage = resolve_identifier(request, segments, NamespaceKind.GROUP).namespaces[::-1]
    if lineage:
        place = NamespaceResource(request, None, lineage[0].path, lineage, Resolution())
        if acl_permits(request.identity, place, Permissions.GROUP_READ):
            return place
    raise NamespaceNotFound(f"There is no group {shown(identifier)}, or you may not see it.")

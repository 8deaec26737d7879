"""Groups that the parameters of a request name."""

from typing import Any

from pyramid.request import Request

from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.policy import acl_permits
from pyregistry.errors import Invalid
from pyregistry.http.parameters import optional_label
from pyregistry.namespaces.errors import NamespaceNotFound
from pyregistry.namespaces.models import NamespaceKind
from pyregistry.namespaces.names import path_keys
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.packaging.services.lookup import Resolution, resolve_id, resolve_path
from pyregistry.resources.base import is_number, number_of, viewer_of
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
    lineage = _resolved(request, identifier).namespaces[::-1]
    if lineage and not lineage[0].is_project:
        place = NamespaceResource(request, None, lineage[0].path, lineage, Resolution())
        if acl_permits(request.identity, place, Permissions.GROUP_READ):
            return place
    raise NamespaceNotFound(f"There is no group {shown(identifier)}, or you may not see it.")


def _resolved(request: Request, identifier: str) -> Resolution:
    viewer = viewer_of(request)
    if is_number(identifier):
        return resolve_id(request.db, number_of(identifier) or 0, NamespaceKind.GROUP, viewer)
    segments = identifier.strip("/").split("/")
    resolution = resolve_path(request.db, path_keys(segments), viewer)
    return resolution if len(resolution.namespaces) == len(segments) else Resolution()

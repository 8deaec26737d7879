"""Explanations in the JSON API: why an index shows a file or hides it."""

from pyramid.request import Request

from pyregistry.authnz.identity import Identity
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.acl import AccessControlList
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.resources.base import Resource
from pyregistry.resources.namespaces import NamespaceResource


class ApiExplanation(Resource):
    """`/api/v4/explain`, and what groups and projects have of that name."""

    namespace: NamespaceRecord | None = None
    """The group or project whose index is explained; None for the instance."""


class ApiIndexExplanation(ApiExplanation):
    """`…/:id/explain`: whoever may read the index may ask.

    Where the package registry is turned off, it is there for those alone who may turn it on
    again: they may ask why the index is gone. Raises `KeyError` for anybody else.
    """

    __parent__: NamespaceResource

    def __init__(self, request: Request, parent: NamespaceResource, name: str) -> None:
        super().__init__(request, parent, name)
        self.namespace = parent.record
        if not parent.record.packages_available and not _turns_on(parent):
            raise KeyError(name)

    def __acl__(self) -> AccessControlList:
        return self.__parent__.as_if_available().__acl__()


class ApiProjectExplanation(ApiIndexExplanation):
    """`/api/v4/projects/:id/explain`."""


class ApiGroupExplanation(ApiIndexExplanation):
    """`/api/v4/groups/:id/explain`."""


def _turns_on(place: NamespaceResource) -> bool:
    """Whether the caller may turn on everything that is turned off at a place or above it."""
    identity: Identity | None = place.request.identity
    if identity is None or identity.is_admin:
        return identity is not None
    off = [depth for depth, above in enumerate(place.lineage) if not above.packages_enabled]
    if not off:
        return False  # the instance is, and only administrators turn that on
    highest = place.lineage[off[-1] :]
    return identity.authority_in(above.id for above in highest).reaches(Role.OWNER)

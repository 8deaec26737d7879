"""Moving groups and projects in the JSON API."""

from pyramid.request import Request

from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.resources.base import Resource


class OfNamespace(Resource):
    """A place that belongs to a group or project."""

    def __init__(
        self, request: Request, parent: Resource, name: str, namespace: NamespaceRecord
    ) -> None:
        super().__init__(request, parent, name)
        self.namespace = namespace


class ApiProjectTransfer(OfNamespace):
    """`/api/v4/projects/:id/transfer`: moves a project."""


class ApiGroupTransfer(OfNamespace):
    """`/api/v4/groups/:id/transfer`: moves a group with everything in it."""


class ApiTransferLocations(OfNamespace):
    """`…/transfer_locations`: the groups that it could be moved to."""

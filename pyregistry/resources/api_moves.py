"""Moving groups and projects in the JSON API."""

from pyregistry.resources.base import OfGroup, OfNamespace, OfProject


class ApiProjectTransfer(OfProject):
    """`/api/v4/projects/:id/transfer`: moves a project."""


class ApiGroupTransfer(OfGroup):
    """`/api/v4/groups/:id/transfer`: moves a group with everything in it."""


class ApiTransferLocations(OfNamespace):
    """`…/transfer_locations`: the groups that it could be moved to."""

"""The lists of groups and projects in the JSON API."""

from pyramid.authorization import Allow, Authenticated, Everyone

from pyregistry.authnz.permissions import Permissions
from pyregistry.namespaces.acl import AccessControlList
from pyregistry.resources.base import OfGroup


class ApiSubgroups(OfGroup):
    """`/api/v4/groups/:id/subgroups`: the groups directly in a group."""


class ApiDescendantGroups(OfGroup):
    """`/api/v4/groups/:id/descendant_groups`: all groups in a group, however deep."""


class ApiGroupProjects(OfGroup):
    """`/api/v4/groups/:id/projects`."""


def collection_acl() -> AccessControlList:
    """Who lists groups and projects, and sends new ones; the rest is said at the root.

    The list shows to anyone what they may see. Whether somebody may create what they send
    is known when the group is known that it goes to.
    """
    return [
        (Allow, Everyone, {Permissions.NAMESPACES_LIST}),
        (Allow, Authenticated, {Permissions.NAMESPACE_CREATE, Permissions.GROUP_CREATE}),
    ]

"""The lists of groups and projects in the JSON API, and groups that a body names."""

from pyramid.authorization import Allow, Authenticated, Everyone
from pyramid.request import Request

from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.policy import acl_permits
from pyregistry.namespaces.acl import AccessControlList
from pyregistry.namespaces.errors import NamespaceNotFound
from pyregistry.namespaces.models import NamespaceKind
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.packaging.services.lookup import resolve_id
from pyregistry.resources.base import Resource, viewer_of
from pyregistry.resources.namespaces import NamespaceResource


class OfGroup(Resource):
    """A place that belongs to a group, without being the group's resource itself."""

    def __init__(
        self, request: Request, parent: Resource, name: str, group: NamespaceRecord
    ) -> None:
        super().__init__(request, parent, name)
        self.group = group


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


def group_with_id(context: Resource, group_id: int) -> NamespaceResource:
    """The group that a request to `context` names by its id.

    Raises `NamespaceNotFound`, in the same words for one that the caller may not see.
    """
    request = context.request
    resolution = resolve_id(request.db, group_id, NamespaceKind.GROUP, viewer_of(request))
    if resolution.namespaces:
        lineage = resolution.namespaces[::-1]
        group = NamespaceResource(request, context, str(group_id), lineage, resolution)
        if acl_permits(request.identity, group, Permissions.GROUP_READ):
            return group
    raise NamespaceNotFound("There is no group with that id, or you may not see it.")

"""Usage in the JSON API, of the instance, of groups and of projects."""

from pyramid.request import Request

from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.resources.base import OfProject, Resource


class ApiUsage(Resource):
    """`/api/v4/usage`, and what groups and projects have of that name."""

    namespace: NamespaceRecord | None = None
    """The group or project; None for the instance."""


class ApiGroupUsage(ApiUsage):
    """`/api/v4/groups/:id/usage`: of what the caller may read in the group."""

    def __init__(
        self, request: Request, parent: Resource, name: str, group: NamespaceRecord
    ) -> None:
        super().__init__(request, parent, name)
        self.namespace = group


class ApiProjectUsage(OfProject, ApiUsage):
    """`/api/v4/projects/:id/usage`."""

    def __init__(
        self, request: Request, parent: Resource, name: str, project: NamespaceRecord
    ) -> None:
        super().__init__(request, parent, name, project)
        self.namespace = project

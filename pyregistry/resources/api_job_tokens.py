"""Job tokens in the JSON API."""

from pyramid.request import Request

from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.resources.base import Resource


class ApiJobTokens(Resource):
    """`/api/v4/projects/:id/job_tokens`: where a project's job tokens are created."""

    def __init__(
        self, request: Request, parent: Resource, name: str, project: NamespaceRecord
    ) -> None:
        super().__init__(request, parent, name)
        self.project = project

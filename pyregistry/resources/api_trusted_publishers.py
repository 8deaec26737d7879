"""Trusted publishers in the JSON API."""

from pyramid.request import Request

from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.resources.base import Resource, number_of


class ApiTrustedPublishers(Resource):
    """`…/projects/:id/trusted_publishers`: what ID tokens a project trusts."""

    def __init__(
        self, request: Request, parent: Resource, name: str, project: NamespaceRecord
    ) -> None:
        super().__init__(request, parent, name)
        self.project = project

    def __getitem__(self, segment: str) -> Resource:
        # The views ask which there are, after the permission.
        return ApiTrustedPublisher(self.request, self, segment)


class ApiTrustedPublisher(Resource):
    """`…/trusted_publishers/:publisher_id`: one of them, or none."""

    __parent__: ApiTrustedPublishers

    @property
    def project(self) -> NamespaceRecord:
        """The project."""
        return self.__parent__.project

    @property
    def publisher_id(self) -> int | None:
        """The trusted publisher's id; None for what can be none."""
        return number_of(self.__name__)

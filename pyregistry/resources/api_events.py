"""The audit log in the JSON API, of the instance, of groups and of projects alike."""

from pyramid.request import Request

from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.resources.base import Resource, number_of


class ApiAuditEvents(Resource):
    """`…/audit_events`: of a group or project with everything in it; None: of the instance."""

    def __init__(
        self,
        request: Request,
        parent: Resource,
        name: str,
        namespace: NamespaceRecord | None = None,
    ) -> None:
        super().__init__(request, parent, name)
        self.namespace = namespace

    def __getitem__(self, segment: str) -> Resource:
        # The view looks for the event, after the permission.
        return ApiAuditEvent(self.request, self, segment)


class ApiAuditEvent(Resource):
    """`…/audit_events/:id`: one event, or none."""

    __parent__: ApiAuditEvents

    @property
    def namespace(self) -> NamespaceRecord | None:
        """The group or project; None for the instance."""
        return self.__parent__.namespace

    @property
    def event_id(self) -> int | None:
        """The event's id; None for what can be none."""
        return number_of(self.__name__)

"""Protection rules and reserved prefixes in the JSON API."""

from pyramid.request import Request

from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.resources.base import Resource, number_of


class ApiProtection(Resource):
    """`/api/v4/projects/:id/packages/protection`: the way to the rules."""

    def __init__(
        self, request: Request, parent: Resource, name: str, project: NamespaceRecord
    ) -> None:
        super().__init__(request, parent, name)
        self.project = project

    def __getitem__(self, segment: str) -> Resource:
        if segment != "rules":
            raise KeyError(segment)
        return ApiProtectionRules(self.request, self, segment)


class ApiProtectionRules(Resource):
    """`…/packages/protection/rules`: the protection rules of a project."""

    __parent__: ApiProtection

    @property
    def project(self) -> NamespaceRecord:
        """The project that the rules protect."""
        return self.__parent__.project

    def __getitem__(self, segment: str) -> Resource:
        # Whoever may not manage rules must not learn which there are: the views ask, after the
        # permission.
        return ApiProtectionRule(self.request, self, segment)


class ApiProtectionRule(Resource):
    """`…/packages/protection/rules/:rule_id`: one that there is, or could be."""

    __parent__: ApiProtectionRules

    @property
    def project(self) -> NamespaceRecord:
        """The project that the rule protects."""
        return self.__parent__.project

    @property
    def rule_id(self) -> int | None:
        """The rule's id; None for what can be none."""
        return number_of(self.__name__)


class ApiReservedPrefixes(Resource):
    """`/api/v4/groups/:id/reserved_prefixes`: those that the group itself has reserved."""

    def __init__(
        self, request: Request, parent: Resource, name: str, group: NamespaceRecord
    ) -> None:
        super().__init__(request, parent, name)
        self.group = group

    def __getitem__(self, segment: str) -> Resource:
        return ApiReservedPrefix(self.request, self, segment)


class ApiReservedPrefix(Resource):
    """`…/reserved_prefixes/:prefix_id`: one that there is, or could be."""

    __parent__: ApiReservedPrefixes

    @property
    def group(self) -> NamespaceRecord:
        """The group that has reserved it."""
        return self.__parent__.group

    @property
    def prefix_id(self) -> int | None:
        """The prefix's id; None for what can be none."""
        return number_of(self.__name__)

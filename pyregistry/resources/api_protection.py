"""Protection rules and reserved prefixes in the JSON API."""

from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.resources.base import OfGroup, OfProject, Resource, number_of


class ApiProtection(OfProject):
    """`/api/v4/projects/:id/packages/protection`: the way to the rules."""

    def __getitem__(self, segment: str) -> Resource:
        if segment != "rules":
            raise KeyError(segment)
        return ApiProtectionRules(self.request, self, segment, self.project)


class ApiProtectionRules(OfProject):
    """`…/packages/protection/rules`: the protection rules of a project."""

    def __getitem__(self, segment: str) -> Resource:
        # Whoever may not manage rules must not learn which there are: the views ask, after the
        # permission.
        return ApiProtectionRule(self.request, self, segment, self.project)


class ApiProtectionRule(OfProject):
    """`…/packages/protection/rules/:rule_id`: one that there is, or could be."""

    @property
    def rule_id(self) -> int | None:
        """The rule's id; None for what can be none."""
        return number_of(self.__name__)


class ApiReservedPrefixes(OfGroup):
    """`/api/v4/groups/:id/reserved_prefixes`: those that the group itself has reserved."""

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

"""Members in the JSON API, of groups and projects alike."""

from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.resources.base import OfNamespace, Resource, number_of


class ApiMembers(OfNamespace):
    """`…/:id/members`: those who have a role of their own in the namespace."""

    def __getitem__(self, segment: str) -> Resource:
        if segment == "all":
            return ApiAllMembers(self.request, self, segment)
        # Whoever may read no members must not learn which there are: the views ask who
        # is there, after the permission.
        return ApiMember(self.request, self, segment)


class ApiAllMembers(Resource):
    """`…/:id/members/all`: those, too, who have a role from a group above."""

    __parent__: ApiMembers

    @property
    def namespace(self) -> NamespaceRecord:
        """The group or project."""
        return self.__parent__.namespace

    def __getitem__(self, segment: str) -> Resource:
        return ApiEffectiveMember(self.request, self, segment)


class NamedByUserId(Resource):
    """One who has, or could have, a role in the namespace."""

    __parent__: ApiMembers | ApiAllMembers

    @property
    def namespace(self) -> NamespaceRecord:
        """The group or project."""
        return self.__parent__.namespace

    @property
    def user_id(self) -> int | None:
        """The user's id; None for what can be none."""
        return number_of(self.__name__)


class ApiMember(NamedByUserId):
    """`…/:id/members/:user_id`: with a role of their own there."""


class ApiEffectiveMember(NamedByUserId):
    """`…/:id/members/all/:user_id`: with a role from there or from a group above."""

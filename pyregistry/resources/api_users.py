"""Users in the JSON API."""

from pyramid.authorization import Allow, Authenticated

from pyregistry.authnz.permissions import Permissions
from pyregistry.namespaces.acl import AccessControlList
from pyregistry.resources.base import Resource, number_of


class ApiUsers(Resource):
    """`/api/v4/users`: those whom the caller may see."""

    def __acl__(self) -> AccessControlList:
        # Whom they see is chosen by the query; what else there is, is for administrators.
        return [(Allow, Authenticated, {Permissions.USERS_READ})]

    def __getitem__(self, segment: str) -> Resource:
        # Who there is, the views ask after the permission.
        return ApiUserById(self.request, self, segment)


class ApiUserById(Resource):
    """`/api/v4/users/:id`: a user, whether there is one or not."""

    @property
    def user_id(self) -> int | None:
        """The user's id; None for what can be none."""
        return number_of(self.__name__)

    def __getitem__(self, segment: str) -> Resource:
        return _BELOW_A_USER[segment](self.request, self, segment)


class OfUser(Resource):
    """A place below a user."""

    __parent__: ApiUserById

    @property
    def user_id(self) -> int | None:
        """The user's id; None for what can be none."""
        return self.__parent__.user_id


class ApiUserBlock(OfUser):
    """`/api/v4/users/:id/block`."""


class ApiUserUnblock(OfUser):
    """`/api/v4/users/:id/unblock`."""


class ApiUserMemberships(OfUser):
    """`/api/v4/users/:id/memberships`: where they have a role of their own."""


class ApiUserTokens(OfUser):
    """`/api/v4/users/:id/personal_access_tokens`, which administrators make."""


_BELOW_A_USER: dict[str, type[OfUser]] = {
    "block": ApiUserBlock,
    "unblock": ApiUserUnblock,
    "memberships": ApiUserMemberships,
    "personal_access_tokens": ApiUserTokens,
}

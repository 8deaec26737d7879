"""Tokens in the JSON API: those of groups and projects, and the caller's own."""

from typing import ClassVar

from pyramid.authorization import DENY_ALL, Allow, Authenticated

from pyregistry.authnz.identity import member_principal
from pyregistry.authnz.permissions import ACCESS_TOKENS, CredentialKind, Permissions
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.acl import AccessControlList
from pyregistry.resources.base import OfNamespace, Resource, number_of
from pyregistry.tokens.services.selection import Selection

OWN = "self"
"""What addresses call the token that a request is sent with."""
_ROTATE = "rotate"


class NamespaceTokens(OfNamespace):
    """The tokens of some kinds of a group or project."""

    kinds: ClassVar[frozenset[CredentialKind]]
    member: ClassVar[type["NamespaceToken"]]
    """The resource of one of them."""

    @property
    def selection(self) -> Selection:
        """Which tokens these are."""
        return Selection(self.kinds, namespace_id=self.namespace.id)

    def __getitem__(self, segment: str) -> Resource:
        # Which there are, the views ask after the permission.
        return self.member(self.request, self, segment)


class NamedToken(Resource):
    """One token, named by its id, whether there is one or not."""

    rotation: ClassVar[type["TokenRotation"]]

    @property
    def token_id(self) -> int | None:
        """The token's id; None for what can be none."""
        return number_of(self.__name__)

    def __getitem__(self, segment: str) -> Resource:
        if segment != _ROTATE:
            raise KeyError(segment)
        return self.rotation(self.request, self, segment)


class TokenRotation(Resource):
    """`…/rotate`, below a token."""

    __parent__: NamedToken

    @property
    def token(self) -> NamedToken:
        """The token to be rotated."""
        return self.__parent__


class NamespaceToken(NamedToken):
    """A token of a group or project."""

    __parent__: NamespaceTokens

    @property
    def selection(self) -> Selection:
        """The tokens that it is one of, if it is one."""
        return self.__parent__.selection


class NamespaceTokenRotation(TokenRotation):
    """`…/rotate`, below a token of a group or project."""

    __parent__: NamespaceToken

    @property
    def token(self) -> NamespaceToken:
        """The token to be rotated."""
        return self.__parent__


class ApiAccessTokenRotation(NamespaceTokenRotation):
    """`…/:id/access_tokens/:token_id/rotate`."""


class ApiAccessToken(NamespaceToken):
    """`…/:id/access_tokens/:token_id`."""

    rotation = ApiAccessTokenRotation


class ApiOwnAccessTokenRotation(NamespaceTokenRotation):
    """`…/:id/access_tokens/self/rotate`: by the token itself."""


class ApiOwnAccessToken(NamespaceToken):
    """`…/:id/access_tokens/self`: the token of the request, if it belongs here."""

    rotation = ApiOwnAccessTokenRotation

    def __acl__(self) -> AccessControlList:
        # Whatever its role is: and nobody else learns whether there is such a place.
        namespace = self.__parent__.namespace
        members = [member_principal(namespace.id, role) for role in Role]
        return [(Allow, member, {Permissions.OWN_TOKENS_MANAGE}) for member in members]


class ApiAccessTokens(NamespaceTokens):
    """`…/:id/access_tokens`: the tokens of bots in a group or project."""

    kinds = ACCESS_TOKENS
    member = ApiAccessToken

    def __getitem__(self, segment: str) -> Resource:
        if segment == OWN:
            return ApiOwnAccessToken(self.request, self, segment)
        return super().__getitem__(segment)


class ApiDeployTokenRotation(NamespaceTokenRotation):
    """`…/:id/deploy_tokens/:token_id/rotate`."""


class ApiDeployToken(NamespaceToken):
    """`…/:id/deploy_tokens/:token_id`."""

    rotation = ApiDeployTokenRotation


class ApiDeployTokens(NamespaceTokens):
    """`…/:id/deploy_tokens`: the deploy tokens of a group or project."""

    kinds = frozenset({CredentialKind.DEPLOY_TOKEN})
    member = ApiDeployToken


class ApiAllDeployTokens(Resource):
    """`/api/v4/deploy_tokens`: those of the whole instance."""

    selection = Selection(ApiDeployTokens.kinds)


class ApiPersonalTokenRotation(TokenRotation):
    """`/api/v4/personal_access_tokens/:id/rotate`."""


class ApiPersonalToken(NamedToken):
    """`/api/v4/personal_access_tokens/:id`: a token of the caller, or to administrators any."""

    rotation = ApiPersonalTokenRotation


class ApiOwnTokenRotation(TokenRotation):
    """`/api/v4/personal_access_tokens/self/rotate`."""


class ApiOwnToken(NamedToken):
    """`/api/v4/personal_access_tokens/self`: the token of the request, personal or of a bot."""

    rotation = ApiOwnTokenRotation


class ApiPersonalTokens(Resource):
    """`/api/v4/personal_access_tokens`: the caller's own."""

    def __acl__(self) -> AccessControlList:
        own = {Permissions.OWN_TOKENS_READ, Permissions.OWN_TOKENS_MANAGE}
        return [(Allow, Authenticated, own | {Permissions.INDEX_READ}), DENY_ALL]

    def __getitem__(self, segment: str) -> Resource:
        if segment == OWN:
            return ApiOwnToken(self.request, self, segment)
        return ApiPersonalToken(self.request, self, segment)

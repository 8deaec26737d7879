"""The pages of one's own account."""

from typing import ClassVar

from pyramid.authorization import DENY_ALL, Allow, Authenticated

from pyregistry.authnz.permissions import Permissions
from pyregistry.namespaces.acl import AccessControlList
from pyregistry.resources.pages.base import InstancePage, NumberedInstancePage


class PasswordPage(InstancePage):
    """`/-/profile/password`."""


class NewOwnTokenPage(InstancePage):
    """`/-/profile/tokens/add`."""


class EndedOwnTokensPage(InstancePage):
    """`/-/profile/tokens/ended`: those that are revoked or have expired."""


class OfOwnToken(InstancePage):
    """What is done to one token, named by its id, whether there is one or not."""

    __parent__: "OwnTokenPage"

    @property
    def token_id(self) -> int:
        """The token's id."""
        return self.__parent__.number


class OwnTokenRotationPage(OfOwnToken):
    """`/-/profile/tokens/<id>/rotate`."""


class OwnTokenRevocationPage(OfOwnToken):
    """`/-/profile/tokens/<id>/revoke`."""


class OwnTokenPage(NumberedInstancePage):
    """`/-/profile/tokens/<id>`: nothing by itself."""

    below: ClassVar[dict[str, type[InstancePage]]] = {
        "rotate": OwnTokenRotationPage,
        "revoke": OwnTokenRevocationPage,
    }


class OwnTokensPage(InstancePage):
    """`/-/profile/tokens`: the tokens that are valid."""

    below: ClassVar[dict[str, type[InstancePage]]] = {
        "add": NewOwnTokenPage,
        "ended": EndedOwnTokensPage,
    }
    numbered: ClassVar[type[NumberedInstancePage] | None] = OwnTokenPage


class SessionEndPage(InstancePage):
    """`/-/profile/sessions/<id>/end`."""

    __parent__: "SessionPage"

    @property
    def session_id(self) -> int:
        """The session's id."""
        return self.__parent__.number


class SessionPage(NumberedInstancePage):
    """`/-/profile/sessions/<id>`: nothing by itself."""

    below: ClassVar[dict[str, type[InstancePage]]] = {"end": SessionEndPage}


class OtherSessionsEndPage(InstancePage):
    """`/-/profile/sessions/end-others`."""


class SessionsPage(InstancePage):
    """`/-/profile/sessions`: the browsers in which one is signed in."""

    below: ClassVar[dict[str, type[InstancePage]]] = {"end-others": OtherSessionsEndPage}
    numbered: ClassVar[type[NumberedInstancePage] | None] = SessionPage


class ProfilePage(InstancePage):
    """`/-/profile`: who one is, and where one is a member."""

    below: ClassVar[dict[str, type[InstancePage]]] = {
        "password": PasswordPage,
        "tokens": OwnTokensPage,
        "sessions": SessionsPage,
    }

    def __acl__(self) -> AccessControlList:
        own = {
            Permissions.SELF_READ,
            Permissions.SELF_MANAGE,
            Permissions.OWN_TOKENS_READ,
            Permissions.OWN_TOKENS_MANAGE,
        }
        # Whoever is signed in sees the instance, a deploy token as well. What their credential
        # may not do, they are told.
        return [(Allow, Authenticated, own | {Permissions.INDEX_READ}), DENY_ALL]

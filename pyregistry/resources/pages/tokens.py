"""The pages of what programs sign in with at a group or project.

/<group or project>/-/tokens
    /access[/add, /ended, /<token id>/{rotate, revoke}]
    /deploy[/add, /ended, /<token id>/{rotate, revoke}]
    /publishers/{gitlab, github, other}, /<trusted publisher id>/remove   (of projects)
"""

from typing import ClassVar

from pyregistry.authnz.permissions import ACCESS_TOKENS, CredentialKind
from pyregistry.resources.base import Resource
from pyregistry.resources.pages.base import NamespacePage, NumberedNamespacePage
from pyregistry.tokens.services.selection import Selection

_PUBLISHERS = "publishers"


class TokenKindPage(NamespacePage):
    """A place below which the tokens of some kinds are; it is no page itself."""

    kinds: ClassVar[frozenset[CredentialKind]]

    @property
    def selection(self) -> Selection:
        """Which tokens these are."""
        return Selection(self.kinds, namespace_id=self.namespace.id)


class OfTokenKind(NamespacePage):
    """A page of the tokens of some kinds."""

    __parent__: TokenKindPage

    @property
    def selection(self) -> Selection:
        """Which tokens these are."""
        return self.__parent__.selection


class TokenPlace(NumberedNamespacePage):
    """A place below which one token is changed; it is no page itself."""

    __parent__: TokenKindPage

    @property
    def selection(self) -> Selection:
        """The tokens that it is one of, if it is one."""
        return self.__parent__.selection


class OfToken(NamespacePage):
    """A page that changes one token."""

    __parent__: TokenPlace

    @property
    def token_id(self) -> int:
        """The id that the address names; whether a token has it, services say."""
        return self.__parent__.number

    @property
    def selection(self) -> Selection:
        """The tokens that it is one of, if it is one."""
        return self.__parent__.selection


class NewAccessTokenPage(OfTokenKind):
    """`…/tokens/access/add`."""


class EndedAccessTokensPage(OfTokenKind):
    """`…/tokens/access/ended`: those that were revoked or have expired."""


class AccessTokenRotationPage(OfToken):
    """`…/tokens/access/<id>/rotate`."""


class AccessTokenRevocationPage(OfToken):
    """`…/tokens/access/<id>/revoke`."""


class AccessTokenPlace(TokenPlace):
    """`…/tokens/access/<id>`."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {
        "rotate": AccessTokenRotationPage,
        "revoke": AccessTokenRevocationPage,
    }


class AccessTokensPlace(TokenKindPage):
    """`…/tokens/access`."""

    kinds = ACCESS_TOKENS
    below: ClassVar[dict[str, type[NamespacePage]]] = {
        "add": NewAccessTokenPage,
        "ended": EndedAccessTokensPage,
    }
    numbered = AccessTokenPlace


class NewDeployTokenPage(OfTokenKind):
    """`…/tokens/deploy/add`."""


class EndedDeployTokensPage(OfTokenKind):
    """`…/tokens/deploy/ended`: those that were revoked or have expired."""


class DeployTokenRotationPage(OfToken):
    """`…/tokens/deploy/<id>/rotate`."""


class DeployTokenRevocationPage(OfToken):
    """`…/tokens/deploy/<id>/revoke`."""


class DeployTokenPlace(TokenPlace):
    """`…/tokens/deploy/<id>`."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {
        "rotate": DeployTokenRotationPage,
        "revoke": DeployTokenRevocationPage,
    }


class DeployTokensPlace(TokenKindPage):
    """`…/tokens/deploy`."""

    kinds = frozenset({CredentialKind.DEPLOY_TOKEN})
    below: ClassVar[dict[str, type[NamespacePage]]] = {
        "add": NewDeployTokenPage,
        "ended": EndedDeployTokensPage,
    }
    numbered = DeployTokenPlace


class NewPublisherPage(NamespacePage):
    """`…/tokens/publishers/<system>`: trusts the jobs of a system for continuous integration."""

    @property
    def system(self) -> str:
        """The segment that names the system."""
        return self.__name__


class PublisherRemovalPage(NamespacePage):
    """`…/tokens/publishers/<id>/remove`."""

    __parent__: "PublisherPlace"

    @property
    def publisher_id(self) -> int:
        """The id that the address names; whether a trusted publisher has it, services say."""
        return self.__parent__.number


class PublisherPlace(NumberedNamespacePage):
    """`…/tokens/publishers/<id>`."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {"remove": PublisherRemovalPage}


class PublishersPlace(NamespacePage):
    """`…/tokens/publishers`."""

    below = dict.fromkeys(("gitlab", "github", "other"), NewPublisherPage)
    numbered = PublisherPlace


class TokensPage(NamespacePage):
    """`…/tokens`: access tokens, deploy tokens and, of a project, trusted publishers."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {
        "access": AccessTokensPlace,
        "deploy": DeployTokensPlace,
        _PUBLISHERS: PublishersPlace,
    }

    def __getitem__(self, segment: str) -> Resource:
        if segment == _PUBLISHERS and not self.namespace.is_project:
            raise KeyError(segment)
        return super().__getitem__(segment)

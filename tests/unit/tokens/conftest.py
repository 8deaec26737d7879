"""A tree of groups with people in it, and the services of tokens as they use them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from pyregistry.authnz.credentials import Place, Presented
from pyregistry.authnz.identity import Identity
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.authnz.roles import Role
from pyregistry.members.services.authority import Granter
from pyregistry.namespaces.services.create import find
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.access import NewAccessToken, create_access_token
from pyregistry.tokens.services.change import Renewal, revoke_token, rotate_token
from pyregistry.tokens.services.deploy import NewDeployToken, create_deploy_token
from pyregistry.tokens.services.identify import identify_token
from pyregistry.tokens.services.selection import Selection
from tests.factories.members import granter
from tests.factories.tokens import token_id
from tests.factories.world import World

EVERY_KIND = frozenset(CredentialKind)
DEPLOY_TOKENS = frozenset({CredentialKind.DEPLOY_TOKEN})


@dataclass
class Tokens:
    """Creates, rotates and revokes tokens in a world; the secrets stand for the tokens."""

    world: World
    longest: timedelta | None = None

    def access(
        self,
        path: str,
        who: str | Granter,
        role: Role = Role.MAINTAINER,
        *,
        scope: Scope = Scope.API,
        expires_at: datetime | None = None,
        name: str = "ci",
    ) -> str:
        """Create an access token."""
        wanted = NewAccessToken(name, {scope}, role, expires_at)
        return self._created(create_access_token, path, who, wanted)

    def deploy(self, path: str, who: str | Granter, **options: Any) -> str:
        """Create a deploy token that reads."""
        wanted = NewDeployToken("shipping", {Scope.READ_PACKAGE_REGISTRY}, **options)
        return self._created(create_deploy_token, path, who, wanted)

    def rotate(
        self,
        secret: str,
        who: str | Granter,
        expires_at: datetime | None = None,
        *,
        path: str | None = None,
        kinds: frozenset[CredentialKind] = EVERY_KIND,
    ) -> str:
        """Rotate a token out of those of a namespace, or out of all."""
        number = token_id(self.world, secret)
        with self.world.components.database.writing() as session:
            selection = Selection(kinds, find(session, path).id if path else None)
            renewal, by = Renewal(expires_at, self.longest), self.granter(who)
            return rotate_token(session, selection, number, renewal, by, self.world.clock())[1]

    def revoke(
        self,
        secret: str,
        who: str | Granter,
        *,
        path: str | None = None,
        kinds: frozenset[CredentialKind] = EVERY_KIND,
    ) -> bool:
        """Revoke a token out of those of a namespace, or out of all."""
        number = token_id(self.world, secret)
        with self.world.components.database.writing() as session:
            selection = Selection(kinds, find(session, path).id if path else None)
            return revoke_token(session, selection, number, self.granter(who), self.world.clock())

    def identify(self, secret: str, place: Place = Place.BASIC) -> Identity | None:
        """Who presents a token now."""
        with self.world.components.database.reading() as session:
            return identify_token(session, Presented(secret, place), self.world.clock())

    def works(self, secret: str) -> bool:
        """Whether a token is one now."""
        return self.identify(secret) is not None

    def granter(self, who: str | Granter) -> Granter:
        """A user, by the user name."""
        return granter(self.world, who) if isinstance(who, str) else who

    def _created(self, create: Any, path: str, who: str | Granter, wanted: Any) -> str:
        with self.world.components.database.writing() as session:
            token: Token
            secret: str
            token, secret = create(
                session,
                find(session, path).id,
                wanted,
                self.granter(who),
                longest=self.longest,
                now=self.world.clock(),
            )
            assert token.id
            return secret


@pytest.fixture
def tokens(world: World) -> Tokens:
    """A private group with a project; olga is Owner of the group, mia Maintainer of the project."""
    world.group("acme")
    world.project("acme/core")
    world.member("acme", "olga", Role.OWNER)
    world.member("acme/core", "mia", Role.MAINTAINER)
    world.member("acme/core", "dora", Role.DEVELOPER)
    return Tokens(world)

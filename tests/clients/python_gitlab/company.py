"""A company in a real registry: a group with people of every role, asked with python-gitlab."""

from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

from gitlab import Gitlab
from gitlab.v4.objects import Group, Project

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from tests.clients.server import PATIENCE, Server
from tests.factories import uploads
from tests.factories.distributions import Distribution
from tests.factories.world import World, basic, fields_of

_numbers = count(1)


@dataclass(frozen=True)
class Company:
    """A private group of its own for a test, with a private subgroup and a project in that."""

    server: Server
    world: World
    """The registry's own database, to begin with what the API does not make, or not quickly."""
    path: str

    @classmethod
    def new(cls, server: Server, world: World) -> "Company":
        """A new group with a user for each role in it, an administrator and a stranger."""
        company = cls(server, world, f"company-{next(_numbers)}")
        world.group(company.path)
        for role in Role:
            world.member(company.path, company.username(role.name), role)
        world.user(company.username("stranger"))
        world.user(company.username("admin"), is_admin=True)
        world.group(company.team)
        world.project(company.core)
        return company

    @property
    def team(self) -> str:
        """The path of the subgroup."""
        return f"{self.path}/team"

    @property
    def core(self) -> str:
        """The path of the project."""
        return f"{self.path}/team/core"

    def username(self, who: str) -> str:
        """The name of a user, such as of the `owner`, the `stranger` or the `admin`."""
        return f"{who.lower()}-of-{self.path}"

    def user_id(self, who: str) -> int:
        """The id of a user."""
        return self.world.users[self.username(who)]

    def token(self, who: str, scope: Scope = Scope.API) -> str:
        """A new personal access token of a user."""
        return self.world.token(self.username(who), scope)

    def as_(self, who: str, **options: Any) -> Gitlab:
        """The library, with a token of that user."""
        return self.client(private_token=self.token(who), **options)

    def client(self, **options: Any) -> Gitlab:
        """The library, with what it is told and no more."""
        return Gitlab(self.server.address, timeout=PATIENCE, **options)

    @cached_property
    def _owner(self) -> Gitlab:
        return self.as_("owner")

    def group(self, who: str = "owner") -> Group:
        """The group, as that user has it."""
        return self._client(who).groups.get(self.path)

    def project(self, who: str = "owner") -> Project:
        """The project, as that user has it."""
        return self._client(who).projects.get(self.core)

    def publish(self, *distributions: Distribution, into: str | None = None) -> None:
        """Publish into the project, as twine does."""
        headers = basic(self.token("developer"))
        for distribution in distributions:
            fields = fields_of(distribution)
            kind, body = uploads.twine(fields, distribution.filename, distribution.content)
            answer = self.server.request(
                "POST", f"/{into or self.core}/-/legacy/", body, {**headers, "Content-Type": kind}
            )
            assert answer.status == 200, answer

    def _client(self, who: str) -> Gitlab:
        return self._owner if who == "owner" else self.as_(who)

"""Readers of a private project, what they are answered, and what may change that.

An answer is compared with that of the application itself, without what is remembered: the bytes,
and what is noted and told to the log.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, text, update
from webtest import TestApp, TestResponse

from pyregistry.accounts.models import User
from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.authority import TokenUse
from pyregistry.http.observation import Observation
from pyregistry.members.services.authority import Granter
from pyregistry.namespaces.models import InstanceSettings, Membership, Namespace
from pyregistry.namespaces.services.create import find
from pyregistry.tokens.models import Token
from pyregistry.tree.services.transfer import transfer
from tests.factories.distributions import wheel
from tests.factories.world import World, basic

Change = Callable[[World], object]

WHEEL = wheel(version="1.0")
"""What the private project has."""


def never() -> None:
    """For questions that others need not wait for."""


def lasting(answer: Any) -> dict[str, str]:
    """The headers that do not tell one request from another."""
    return {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}


@dataclass(frozen=True)
class Answered:
    """What a reader is answered, as far as it is the same each time, and what is noted of it.

    Uses of tokens are left out: of what is remembered they are noted once a second.
    """

    status: str
    headers: dict[str, str]
    body: bytes
    observed: Observation
    noted: list[dict[str, Any]]


@dataclass
class Readers:
    """A private project with a package, and the headers of those who read it."""

    world: World
    headers: dict[str, dict[str, str]]
    addresses: Sequence[str]

    @property
    def application(self) -> TestApp:
        """The application without what is remembered."""
        remembering: Any = self.world.app.app
        return TestApp(remembering._app, extra_environ=self.world.app.extra_environ)

    def ask(
        self, name: str, address: str, *, by: TestApp | None = None, **more: str
    ) -> TestResponse:
        """What a reader is answered, whatever it is."""
        app = self.world.app if by is None else by
        return app.get(address, headers={**self.headers[name], **more}, expect_errors=True)

    def answered(
        self, name: str, address: str, *, by: TestApp | None = None, **more: str
    ) -> Answered:
        """The same, with what is noted of it."""
        app = self.world.app if by is None else by
        recorder, observed = self.world.components.recorder, Observation()
        before = recorder.backlog
        answer = app.get(
            address,
            headers={**self.headers[name], **more},
            extra_environ={"pyregistry.observation": observed},
            expect_errors=True,
        )
        notes = [note for note in recorder._notes[before:] if not isinstance(note, TokenUse)]
        noted = [as_noted(note, self.world.clock()) for note in notes]
        return Answered(answer.status, lasting(answer), answer.body, observed, noted)

    def answers(self, *, by: TestApp | None = None, **more: str) -> dict[tuple[str, str], Answered]:
        """What each reader is answered everywhere."""
        return {
            (name, address): self.answered(name, address, by=by, **more)
            for name in self.headers
            for address in self.addresses
        }


def as_noted(note: Any, now: datetime) -> dict[str, Any]:
    """A note for the recorder, with how long ago it happened."""
    return {**asdict(note), "occurred_at": note.occurred_at - now}


def readers_of(world: World, addresses: Sequence[str], **headers: str) -> Readers:
    """An empty world with readers of every kind; `headers` are sent with each request."""
    world.group("acme", "private")
    world.project("acme/core")
    world.project("acme/other")
    world.project("zeta/open", "internal")
    expires_at = world.clock() + timedelta(days=1)
    world.member("acme", "ann", Role.REPORTER, expires_at=expires_at)
    world.member("acme/core", "bob", Role.REPORTER)
    world.user("ada", is_admin=True)
    world.upload("acme/core", WHEEL)
    world.upload("zeta/open", wheel(version="0.9"))
    credentials = {
        "ann": world.as_("ann"),
        "bob": basic(world.token("bob", expires_at=expires_at + timedelta(days=1))),
        "ada": world.as_("ada"),
        "deployer": basic(world.deploy_token("acme/core"), "deployer"),
        "job": basic(world.job_token("acme/core", lifetime=timedelta(hours=20))),
        "nobody": {},
    }
    return Readers(
        world, {name: {**sent, **headers} for name, sent in credentials.items()}, addresses
    )


def changed(model: Any, condition: Any, **values: Any) -> Change:
    """A change of rows of a table, past every service; without values they are deleted."""

    def change(world: World) -> None:
        statement = update(model).where(condition).values(**values) if values else None
        with world.components.database.writing() as session:
            session.execute(statement if statement is not None else delete(model).where(condition))

    return change


def _publish(path: str, **facts: str) -> Change:
    return lambda world: world.upload(path, wheel(**facts))


def _move(world: World) -> None:
    world.group("zeta/team", "public")
    with world.components.database.writing() as session:
        project, group = find(session, "acme/core"), find(session, "zeta/team")
        mover = Granter(Actor(), is_admin=True)
        transfer(session, project.id, group.id, by=mover, now=world.clock())


def _in_api(method: str, address: str, **parameters: Any) -> Change:
    """A change of the private project by an administrator."""

    def change(world: World) -> None:
        ada = world.as_("ada")
        body = json.dumps(parameters).encode()
        headers = {**ada, "Content-Type": "application/json"}
        path = f"/api/v4/projects/acme%2Fcore{address}"
        answer = world.app.request(path, method=method, body=body, headers=headers)
        assert answer.status_int < 300

    return change


def delete_package(world: World) -> None:
    """Delete the package of the private project."""
    packages = world.app.get("/api/v4/projects/acme%2Fcore/packages", headers=world.as_("ada"))
    _in_api("DELETE", f"/packages/{packages.json[0]['id']}")(world)


CORE = Namespace.full_path_key == "acme/core"
CHANGES: dict[str, Change] = {
    "nothing": lambda _world: None,
    "another version": _publish("acme/core", version="2.0"),
    "the same name elsewhere": _publish("acme/other", version="3.0"),
    "the same name for everybody inside": _publish("zeta/open", version="3.0"),
    "another package": _publish("acme/core", name="another"),
    "a package elsewhere": _publish("acme/other", name="another"),
    "deleted package": delete_package,
    "status": _in_api("PUT", "/packages/pypi/status/demo-package", status="quarantined"),
    "revoked tokens": changed(Token, Token.id > 0, revoked_at=text("created_at")),
    "deleted tokens": changed(Token, Token.id > 0),
    "shorter tokens": changed(Token, Token.id > 0, expires_at=text("created_at")),
    "a token without scopes": changed(Token, Token.id > 0, scopes=["read_user"]),
    "another user name of a token": changed(Token, Token.username == "deployer", username="other"),
    "blocked users": changed(User, User.id > 0, blocked_at=text("created_at")),
    "external users": changed(User, User.id > 0, is_external=True),
    "no administrators": changed(User, User.id > 0, is_admin=False),
    "new administrators": changed(User, User.id > 0, is_admin=True),
    "no members": changed(Membership, Membership.id > 0),
    "guests": changed(Membership, Membership.id > 0, role=int(Role.GUEST)),
    "members for a day": changed(Membership, Membership.id > 0, expires_at=text("created_at")),
    "a new member": lambda world: world.member("acme/other", "bob", Role.REPORTER),
    "public": changed(Namespace, CORE, visibility="public"),
    "pulls by anyone": changed(Namespace, CORE, anyone_can_pull=True, pulls_open=True),
    "turned off": changed(Namespace, CORE, packages_enabled=False, packages_available=False),
    "renamed": changed(
        Namespace, CORE, path="heart", full_path="acme/heart", full_path_key="acme/heart"
    ),
    "moved": _move,
    "turned off for all": changed(
        InstanceSettings, InstanceSettings.id == 1, packages_enabled=False
    ),
    "a minute": lambda world: world.clock.advance(minutes=1),
    "the end of a membership": lambda world: world.clock.advance(days=1),
    "the end of a token": lambda world: world.clock.advance(days=2),
    "the end of a job": lambda world: world.clock.advance(hours=20),
}

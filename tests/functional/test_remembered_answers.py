"""Pages that are remembered: given again without a query, and never when anything has changed."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from pyramid.registry import Registry
from sqlalchemy import delete, text, update
from webtest import TestResponse

from pyregistry.accounts.models import User
from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.freshness.questions import Standing, Subject, Unanswered
from pyregistry.members.services.authority import Granter
from pyregistry.namespaces.models import InstanceSettings, Membership, Namespace
from pyregistry.namespaces.services.create import find
from pyregistry.remembered.answers import AnswerMemory
from pyregistry.tokens.models import Token
from pyregistry.tree.services.transfer import transfer
from tests.factories.distributions import wheel
from tests.factories.world import World, basic
from tests.functional.support import JSON, Limited, statements, untouched

ADDRESSES = (
    "/acme/core/-/simple/demo-package/",
    "/acme/-/simple/",
    "/acme/-/simple/demo-package/",
    "/-/simple/demo-package/",
)
IN_THE_API = "/api/v4/projects/acme%2Fcore/packages/pypi/simple/demo-package"


def lasting(answer: Any) -> dict[str, str]:
    """The headers that do not tell one request from another."""
    return {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}


@dataclass
class Readers:
    """A private project with a package, and the headers of those who read it."""

    world: World
    headers: dict[str, dict[str, str]]
    expires_at: Any

    def ask(self, name: str, address: str, **more: str) -> TestResponse:
        """What a reader is answered, whatever it is."""
        headers = {**self.headers[name], "Accept": JSON, **more}
        return self.world.app.get(address, headers=headers, expect_errors=True)

    def answers(self) -> dict[tuple[str, str], tuple[str, dict[str, str], bytes]]:
        """What each reader is answered everywhere, as far as it is the same each time."""
        found = {}
        for name in self.headers:
            for address in ADDRESSES:
                answer = self.ask(name, address)
                found[name, address] = (answer.status, lasting(answer), answer.body)
        return found

    def forget(self) -> None:
        """Remember nothing any more."""
        memory = self.world.components.answers
        memory._answers.clear()


@pytest.fixture
def readers(world: World) -> Readers:
    world.group("acme", "private")
    world.project("acme/core")
    world.project("acme/other")
    world.project("zeta/open", "internal")
    expires_at = world.clock() + timedelta(days=1)
    world.member("acme", "ann", Role.REPORTER, expires_at=expires_at)
    world.member("acme/core", "bob", Role.REPORTER)
    world.user("ada", is_admin=True)
    world.upload("acme/core", wheel(version="1.0"))
    world.upload("zeta/open", wheel(version="0.9"))
    return Readers(
        world,
        {
            "ann": world.as_("ann"),
            "bob": basic(world.token("bob", expires_at=expires_at + timedelta(days=1))),
            "ada": world.as_("ada"),
            "deployer": basic(world.deploy_token("acme/core"), "deployer"),
            "job": basic(world.job_token("acme/core", lifetime=timedelta(hours=20))),
            "nobody": {},
        },
        expires_at,
    )


Change = Callable[[World], object]


def _row(model: Any, condition: Any, **values: Any) -> Change:
    """Change a row of a table, past every service."""

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
    def change(world: World) -> None:
        ada = world.as_("ada")
        body = json.dumps(parameters).encode()
        headers = {**ada, "Content-Type": "application/json"}
        path = f"/api/v4/projects/acme%2Fcore{address}"
        answer = world.app.request(path, method=method, body=body, headers=headers)
        assert answer.status_int < 300

    return change


def delete_package(world: World) -> None:
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
    "revoked tokens": _row(Token, Token.id > 0, revoked_at=text("created_at")),
    "deleted tokens": _row(Token, Token.id > 0),
    "shorter tokens": _row(Token, Token.id > 0, expires_at=text("created_at")),
    "a token without scopes": _row(Token, Token.id > 0, scopes=["read_user"]),
    "another user name of a token": _row(Token, Token.username == "deployer", username="other"),
    "blocked users": _row(User, User.id > 0, blocked_at=text("created_at")),
    "external users": _row(User, User.id > 0, is_external=True),
    "no administrators": _row(User, User.id > 0, is_admin=False),
    "new administrators": _row(User, User.id > 0, is_admin=True),
    "no members": _row(Membership, Membership.id > 0),
    "guests": _row(Membership, Membership.id > 0, role=int(Role.GUEST)),
    "members for a day": _row(Membership, Membership.id > 0, expires_at=text("created_at")),
    "a new member": lambda world: world.member("acme/other", "bob", Role.REPORTER),
    "public": _row(Namespace, CORE, visibility="public"),
    "pulls by anyone": _row(Namespace, CORE, anyone_can_pull=True, pulls_open=True),
    "turned off": _row(Namespace, CORE, packages_enabled=False, packages_available=False),
    "renamed": _row(
        Namespace, CORE, path="heart", full_path="acme/heart", full_path_key="acme/heart"
    ),
    "moved": _move,
    "turned off for all": _row(InstanceSettings, InstanceSettings.id == 1, packages_enabled=False),
    "a minute": lambda world: world.clock.advance(minutes=1),
    "the end of a membership": lambda world: world.clock.advance(days=1),
    "the end of a token": lambda world: world.clock.advance(days=2),
    "the end of a job": lambda world: world.clock.advance(hours=20),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.thorough
def test_what_changes_is_seen_at_once(readers: Readers, change: str) -> None:
    for _ in range(2):
        readers.answers()
    with statements(readers.world) as executed:
        before = readers.answers()
    assert sum(status == "200 OK" for status, _, _ in before.values()) > 15
    refused = [each for each in before.values() if each[0] != "200 OK"]
    assert len(executed) <= 3 * len(refused), "what is remembered asks nothing"
    CHANGES[change](readers.world)
    after = readers.answers()
    readers.forget()
    assert after == readers.answers()
    assert (after == before) == (change in ("nothing", "a minute"))


def test_the_same_headers_as_ever(readers: Readers) -> None:
    for headers in (
        {},
        {"If-None-Match": "*"},
        {"If-None-Match": '"other"'},
        {"Accept": "text/html"},
        {"Accept-Encoding": "gzip"},
        {"Accept": "image/png"},
        {"Range": "bytes=0-3", "If-Range": '"x"'},
        {"User-Agent": "pip/26", "X-Forwarded-For": "192.0.2.1", "Accept-Language": "de"},
        {"If-Modified-Since": "Mon, 23 Nov 2026 00:00:00 GMT", "Cache-Control": "no-cache"},
        {"X-HTTP-Method-Override": "POST", "Origin": "http://other.example"},
        {"Sudo": "root"},
    ):
        sent = {**readers.headers["ann"], **headers}
        for method in ("GET", "HEAD"):
            for address in (*ADDRESSES, IN_THE_API, f"{ADDRESSES[0]}?format=text/html"):
                for _ in range(3):
                    # What is remembered of another request is not the answer to this one.
                    untouched(readers.world, method, address, readers.headers["ann"])
                answers = [untouched(readers.world, method, address, sent) for _ in range(4)]
                seen = [(a.status, a.body, lasting(a)) for a in answers]
                assert all(each == seen[0] for each in seen), (headers, method, address)
                assert len({a.headers["X-Request-Id"] for a in answers}) == len(answers)


def test_requests_that_come_once_are_not_kept(readers: Readers) -> None:
    memory = readers.world.components.answers
    readers.ask("ann", ADDRESSES[0])
    assert [answer for answer in memory._answers.values() if answer] == []
    readers.ask("ann", ADDRESSES[0])
    assert len([answer for answer in memory._answers.values() if answer]) == 1


def test_no_secret_is_kept(readers: Readers) -> None:
    for _ in range(3):
        readers.answers()
    kept = repr(readers.world.components.answers._answers)
    assert "demo-package" in kept
    for headers in readers.headers.values():
        for value in headers.values():
            assert value.removeprefix("Basic ") not in kept


def test_who_has_signed_in_is_asked_each_time(readers: Readers) -> None:
    """Whoever sends a cookie, or a password, is nobody that is remembered."""
    for _ in range(3):
        readers.ask("ann", ADDRESSES[0], Cookie="pyregistry_session=x")
    assert len(readers.world.components.answers) == 0


def test_only_so_many_are_kept(readers: Readers, application: tuple[object, Registry]) -> None:
    readers.world.components = replace(readers.world.components, answers=AnswerMemory(most=3))
    application[1]["pyregistry.components"] = readers.world.components
    for _ in range(3):
        for address in ADDRESSES:
            readers.ask("ann", address)
    assert len(readers.world.components.answers) == 3


def test_limits_count_what_is_remembered(limited: Limited) -> None:
    world = limited(packages_per_identity="4 per minute", packages_per_address="4 per minute")
    world.project("acme/core", "public")
    world.upload("acme/core", wheel())
    for headers in (world.as_("ann"), {}):
        observed = []
        for _ in range(4):
            answer = world.app.get(ADDRESSES[0], headers=headers)
            observed.append(answer.headers["RateLimit-Observed"])
        assert observed == ["1", "2", "3", "4"]
        refused = world.app.get(ADDRESSES[0], headers=headers, status=429)
        assert refused.headers["RateLimit-Observed"] == "5"


def test_uses_of_tokens_are_noted(readers: Readers) -> None:
    world = readers.world
    for _ in range(3):
        readers.ask("ann", ADDRESSES[0])
    world.components.recorder.flush()
    world.clock.advance(minutes=2)
    with statements(world) as executed:
        readers.ask("ann", ADDRESSES[0])
    assert executed == []
    world.components.recorder.flush()
    with world.components.database.reading() as session:
        used = session.query(Token).join(User, User.id == Token.user_id)
        assert used.filter(User.username == "ann").one().last_used_at == world.clock()


class Silent:
    """A database that answers no question of this kind."""

    def mark(self) -> object:
        raise Unanswered

    def standing(self, subject: Subject) -> Standing:
        raise Unanswered


def test_a_number_that_is_missing_is_no_answer(readers: Readers) -> None:
    world = readers.world
    for _ in range(3):
        before = readers.answers()
    with world.components.database.writing() as session:
        session.execute(text("DELETE FROM access_serial"))
    assert readers.answers() == before
    _row(Token, Token.id > 0, revoked_at=text("created_at"))(world)
    for _ in range(3):
        assert readers.ask("ann", ADDRESSES[0]).status_int == 401


def test_a_connection_that_was_opened_anew_knows_nothing(readers: Readers) -> None:
    world = readers.world
    for _ in range(3):
        readers.ask("ann", ADDRESSES[0])
    world.components.freshness.close()
    _row(Membership, Membership.id > 0)(world)
    assert readers.ask("ann", ADDRESSES[0]).status_int == 404


def test_queries_of_any_kind_are_not_remembered(readers: Readers) -> None:
    for number in range(5):
        for _ in range(2):
            readers.ask("ann", f"{ADDRESSES[1]}?x={number}")
    assert len(readers.world.components.answers) == 0


def test_without_an_answer_everything_is_asked(
    readers: Readers, application: tuple[object, Registry]
) -> None:
    for _ in range(3):
        before = readers.answers()
    world = readers.world
    world.components = replace(world.components, freshness=Silent())
    application[1]["pyregistry.components"] = world.components
    assert readers.answers() == before
    _row(Token, Token.id > 0, revoked_at=text("created_at"))(world)
    assert readers.ask("ann", ADDRESSES[0]).status_int == 401

"""Pages that are remembered: given again without a query, and never when anything has changed."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest
from pyramid.registry import Registry
from sqlalchemy import text

from pyregistry.accounts.models import User
from pyregistry.authority import TokenUse
from pyregistry.freshness.questions import Standing, Subject, Unanswered
from pyregistry.http.arrivals import ARRIVED_AT
from pyregistry.http.giving_way import GIVE_WAY
from pyregistry.namespaces.models import Membership
from pyregistry.remembered.answers import AnswerMemory
from pyregistry.tokens.models import Token
from tests.factories.distributions import wheel
from tests.factories.world import World
from tests.functional.remembered import CHANGES, Readers, changed, lasting, never, readers_of
from tests.functional.support import JSON, Limited, statements, untouched

ADDRESSES = (
    "/acme/core/-/simple/demo-package/",
    "/acme/-/simple/",
    "/acme/-/simple/demo-package/",
    "/-/simple/demo-package/",
)
PATIENCE = 10
IN_THE_API = "/api/v4/projects/acme%2Fcore/packages/pypi/simple/demo-package"


@pytest.fixture
def readers(world: World) -> Readers:
    return readers_of(world, ADDRESSES, Accept=JSON)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.thorough
def test_what_changes_is_seen_at_once(readers: Readers, change: str) -> None:
    for _ in range(2):
        readers.answers()
    with statements(readers.world) as executed:
        before = readers.answers()
    refused = [each for each in before.values() if each.status != "200 OK"]
    assert len(before) - len(refused) > 15
    assert len(executed) <= 3 * len(refused), "what is remembered asks nothing"
    CHANGES[change](readers.world)
    after = readers.answers()
    assert after == readers.answers(by=readers.application)
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
        if "Authorization" in headers:
            assert headers["Authorization"].removeprefix("Basic ") not in kept


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


def test_a_use_is_noted_once_a_second_for_each_address(readers: Readers) -> None:
    world, recorder = readers.world, readers.world.components.recorder

    def noted(address: str = "192.0.2.7") -> list[TokenUse]:
        before = recorder.backlog
        headers = readers.headers["ann"]
        world.app.get(ADDRESSES[0], headers=headers, extra_environ={"REMOTE_ADDR": address})
        return recorder._notes[before:]

    # The application itself notes every use.
    assert [len(noted()) for _ in range(4)] == [1, 1, 1, 0]
    assert [use.address for use in noted("192.0.2.8")] == ["192.0.2.8"]
    world.clock.advance(seconds=1)
    assert [use.used_at for use in noted("192.0.2.8")] == [world.clock()]
    assert noted("192.0.2.8") == []


def test_others_pass_before_the_application_works(readers: Readers) -> None:
    """What is remembered keeps the turn."""
    told: list[str] = []

    def ask(address: str) -> list[str]:
        told.clear()
        give_way = {GIVE_WAY: lambda: told.append("gave way")}
        readers.world.app.get(address, headers=readers.headers["ann"], extra_environ=give_way)
        return told

    assert ask(ADDRESSES[0])
    ask(ADDRESSES[0])
    # The question may take longer now and then.
    assert [] in [ask(ADDRESSES[0]) for _ in range(20)]
    assert ask("/-/health/live")


def test_others_pass_where_the_database_keeps_a_question_waiting(readers: Readers) -> None:
    database, freshness = readers.world.components.database, readers.world.components.freshness
    if database.kind != "postgresql":
        pytest.skip("SQLite answers in this process")
    # Connected.
    freshness.standing(None, never)
    gone_on = Event()
    with ThreadPoolExecutor(1) as pool:
        with database.writing() as session:
            session.execute(text("LOCK TABLE access_serial IN ACCESS EXCLUSIVE MODE"))
            asked = pool.submit(freshness.standing, None, gone_on.set)
            assert gone_on.wait(PATIENCE)
            assert not asked.done()
        assert asked.result(PATIENCE) == freshness.standing(None, never)


def test_one_question_is_enough_for_all_that_had_come_before_it(readers: Readers) -> None:
    freshness = readers.world.components.freshness
    came = time.monotonic_ns()
    marks = [freshness.mark("demo-package", came, never)]
    changed(Membership, Membership.id > 0)(readers.world)
    marks.append(freshness.mark("other", came, never))
    assert marks[0] == marks[1]
    assert freshness.mark("demo-package", time.monotonic_ns(), never) != marks[0]


def test_the_question_is_asked_after_the_request_had_come(readers: Readers) -> None:
    def ask(moment: int) -> int:
        answer = readers.world.app.get(
            ADDRESSES[0],
            headers=readers.headers["ann"],
            extra_environ={ARRIVED_AT: moment},
            expect_errors=True,
        )
        status: int = answer.status_int
        return status

    came = time.monotonic_ns()
    assert [ask(time.monotonic_ns()) for _ in range(4)] == [200] * 4
    changed(Membership, Membership.id > 0)(readers.world)
    # It came before the change, with those whose question was asked before it, too.
    assert ask(came) == 200
    assert ask(time.monotonic_ns()) == 404
    assert ask(came) == 404


class Silent:
    """A database that answers no question of this kind."""

    def mark(self, subject: Subject, since: int, give_way: Callable[[], None]) -> object:
        raise Unanswered

    def standing(self, subject: Subject, give_way: Callable[[], None]) -> Standing:
        raise Unanswered


def test_a_number_that_is_missing_is_no_answer(readers: Readers) -> None:
    world = readers.world
    for _ in range(3):
        before = readers.answers()
    with world.components.database.writing() as session:
        session.execute(text("DELETE FROM access_serial"))
    assert readers.answers() == before
    changed(Token, Token.id > 0, revoked_at=text("created_at"))(world)
    for _ in range(3):
        assert readers.ask("ann", ADDRESSES[0]).status_int == 401


def test_a_connection_that_was_opened_anew_knows_nothing(readers: Readers) -> None:
    world = readers.world
    for _ in range(3):
        readers.ask("ann", ADDRESSES[0])
    world.components.freshness.close()
    changed(Membership, Membership.id > 0)(world)
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
    changed(Token, Token.id > 0, revoked_at=text("created_at"))(world)
    assert readers.ask("ann", ADDRESSES[0]).status_int == 401

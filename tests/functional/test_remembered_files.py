"""Files that are remembered: sent again without a query, and never when anything has changed."""

import random
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gunicorn.http.wsgi import FileWrapper
from pyramid.registry import Registry
from sqlalchemy import text
from webob import Request

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.events.actions import Action
from pyregistry.freshness.questions import FileSubject
from pyregistry.http.page_validators import WHICH_HALF
from pyregistry.namespaces.models import Membership, Namespace
from pyregistry.packaging.errors import PackageNotFound
from pyregistry.packaging.models import File, Package, PackageStatus, Release
from pyregistry.packaging.services.change import delete_file, set_status
from pyregistry.remembered.answers import AnswerMemory
from pyregistry.tokens.models import Token
from pyregistry.upkeep.services.objects import KeptObject, switch
from tests.factories.distributions import Distribution, sdist, wheel
from tests.factories.world import PASSWORD, World, basic, new_components
from tests.functional.remembered import (
    CHANGES,
    CORE,
    WHEEL,
    Change,
    Readers,
    changed,
    lasting,
    never,
    readers_of,
)
from tests.functional.support import Limited, statements, untouched, with_settings
from tests.functional.watched import logged, watched

FILE = f"/files/{WHEEL.sha256}/{WHEEL.filename}"
ADDRESS = f"/acme/core/-{FILE}"
METADATA = f"{ADDRESS}.metadata"
MIRRORED = f"/packages/{WHEEL.sha256}/{WHEEL.filename}"
ADDRESSES = (ADDRESS, METADATA, f"/acme/-{FILE}", MIRRORED, f"/-{FILE}.metadata")
IN_THE_API = f"/api/v4/projects/acme%2Fcore/packages/pypi{FILE}"
TAG = f'"{WHEEL.sha256}"'
OF_A_BUCKET = {"bucket": "files", "endpoint": "http://127.0.0.1:9"}
"""Addresses of a bucket are signed without asking it."""


THOROUGH = pytest.mark.thorough


def use(world: World, registry: Registry, folder: Path, **ini: str) -> None:
    """Give the world other settings; there is a bucket, too."""
    bucket = {f"storage__s3__{name}": setting for name, setting in OF_A_BUCKET.items()}
    url = world.components.settings.database_url
    # Tokens are revoked and tried again.
    patient = {"throttle__token_failures_per_address": "10000 per minute"}
    world.components = new_components(url, folder, world.clock, **bucket, **patient, **ini)
    registry["pyregistry.components"] = world.components


@pytest.fixture
def readers(
    world: World,
    application: tuple[object, Registry],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Readers:
    """Readers of a file whose bytes lie in a private project, and later in one for all inside."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    use(world, application[1], tmp_path)
    found = readers_of(world, ADDRESSES)
    world.upload("zeta/open", WHEEL)
    return found


@pytest.fixture
def accelerated(readers: Readers, application: tuple[object, Registry], tmp_path: Path) -> Readers:
    """The same behind nginx, which sends the files."""
    use(readers.world, application[1], tmp_path, storage__local__accel="/_/accel/")
    return readers


def _delete_file(world: World) -> None:
    """Delete the wheel of the private project, where it is there."""
    with world.components.database.writing() as session:
        files = session.query(File).join(Namespace, Namespace.id == File.project_id)
        found = files.filter(Namespace.path == "core", File.filename == WHEEL.filename).all()
        for file in found:
            delete_file(session, file.id, Actor(), world.clock(), permit=_anybody)


def _anybody(*_what: object) -> None:
    """Who may delete is asked elsewhere."""


def _delete_one_of_two(world: World) -> None:
    world.upload("acme/core", sdist(version="1.0"))
    _delete_file(world)


def _delete_and_publish(world: World) -> None:
    """The same file again, of a release that is spelled otherwise now."""
    _delete_file(world)
    world.upload("acme/core", sdist(version="1.0.0"))
    world.upload("acme/core", WHEEL)


def _status(status: str) -> Change:
    def change(world: World) -> None:
        database = world.components.database
        with database.writing() as session, suppress(PackageNotFound):
            project, kind = session.query(Namespace).filter_by(path="core").one(), PackageStatus
            name, now = "demo-package", world.clock()
            set_status(session, project.id, name, kind(status), None, Actor(), now)

    return change


def _publish(path: str, what: Distribution = WHEEL) -> Change:
    return lambda world: world.upload(path, what, status="*")


def to_storage(source: str, target: str) -> Change:
    """A move of the bytes, as `pyregistry storage migrate` ends it."""

    def change(world: World) -> None:
        size = len(WHEEL.content)
        kept = KeptObject(source, WHEEL.sha256, size, size)
        switch(world.components.database, kept, target, lambda: True)

    return change


OF_FILES: dict[str, Change] = {
    "deleted file": _delete_file,
    "deleted file of a release that stays": _delete_one_of_two,
    "another spelling of the version": _delete_and_publish,
    "yanked": changed(Release, Release.id > 0, yanked=True),
    "the same bytes elsewhere": _publish("acme/other"),
    "another storage": to_storage("local", "s3"),
    "a missing object": lambda world: world.components.storage.remove(WHEEL.sha256),
}
OF_ACCESS = (
    *("nothing", "revoked tokens", "a token without scopes", "blocked users", "no members"),
    *("guests", "public", "pulls by anyone", "turned off", "renamed", "moved"),
    *("deleted package", "status", "the same name elsewhere", "the end of a membership"),
)
"""The tests of pages have the others: it is the same number that is asked for."""
WITHOUT_EFFECT = {"nothing", "yanked", "the same bytes elsewhere", "the same name elsewhere"}
EVERY_CHANGE = {**{name: CHANGES[name] for name in OF_ACCESS}, **OF_FILES}


@pytest.mark.parametrize("change", EVERY_CHANGE)
@THOROUGH
def test_what_changes_is_seen_at_once(readers: Readers, change: str) -> None:
    for _ in range(2):
        readers.answers()
    with statements(readers.world) as executed:
        before = readers.answers()
    # A job is asked about each time.
    asked = [key for key, each in before.items() if each.status != "200 OK" or key[0] == "job"]
    assert len(before) - len(asked) > 15
    assert len(executed) <= 4 * len(asked), "what is remembered asks nothing"
    EVERY_CHANGE[change](readers.world)
    after = readers.answers()
    assert after == readers.answers(by=readers.application)
    assert (after == before) == (change in WITHOUT_EFFECT)


TOKENS = [Token.name == f"token of {name}" for name in ("ann", "bob", "ada")]
MOMENTS: tuple[dict[str, float], ...] = ({"seconds": 1}, {"minutes": 2}, {"hours": 7})
IN_ANY_ORDER: list[Change] = [
    *(lambda world, by=by: world.clock.advance(**by) for by in MOMENTS),
    *(changed(Token, token, revoked_at=text("created_at")) for token in TOKENS),
    *(changed(Token, token, revoked_at=None) for token in TOKENS),
    *(changed(Membership, Membership.id > 0, role=int(role)) for role in Role),
    *(changed(Namespace, CORE, visibility=kind) for kind in ("private", "public")),
    *(changed(Namespace, CORE, packages_available=there) for there in (True, False)),
    *map(_status, ("quarantined", "active", "deprecated")),
    *(to_storage(*way) for way in (("local", "s3"), ("s3", "local"))),
    *map(_publish, ("acme/core", "acme/other", "zeta/open")),
    _publish("acme/core", wheel(version="2.0")),
    _delete_file,
]
"""Changes of which each may come often: what takes something away is given back, too."""


@pytest.mark.parametrize("front", ["readers", "accelerated"])
@pytest.mark.parametrize("seed", [2, pytest.param(6, marks=THOROUGH)])
def test_random_changes(
    world: World, front: str, seed: int, request: pytest.FixtureRequest
) -> None:
    readers: Readers = request.getfixturevalue(front)
    readers.headers = {name: readers.headers[name] for name in ("ann", "deployer", "nobody")}
    readers.addresses = (ADDRESS, METADATA, MIRRORED)
    chance, kept = random.Random(seed), 0
    with statements(world) as executed:
        for _ in range(15):
            chance.choice(IN_ANY_ORDER)(world)
            for more in ({}, {"If-None-Match": TAG}):
                seen = readers.answers(**more)
                for key, expected in readers.answers(by=readers.application, **more).items():
                    assert seen[key] == expected
            readers.answers()
            before = len(executed)
            told = [each.status for each in readers.answers().values()]
            kept += told.count("200 OK")
            # Whoever is refused, or led elsewhere, is asked about again.
            assert len(executed) - before <= 4 * (len(told) - told.count("200 OK"))
    assert kept > 10


def events_of(world: World) -> list[tuple[str, str | None, str | None, str | None, str | None]]:
    """The pulls that were written down: whose, what, from where, with what."""
    world.components.recorder.flush()
    return [
        (event.namespace_path, event.actor_name, event.filename, event.address, event.user_agent)
        for event in world.events()
        if event.action == Action.FILE_PULLED
    ]


@pytest.mark.parametrize("front", ["readers", "accelerated"])
def test_each_pull_is_written_down(
    world: World, front: str, request: pytest.FixtureRequest
) -> None:
    readers: Readers = request.getfixturevalue(front)
    world = readers.world
    for number in range(4):
        world.clock.advance(seconds=1)
        readers.ask("ann", ADDRESS, **{"User-Agent": f"pip/{number}\0"})
        world.app.head(ADDRESS, headers=readers.headers["ann"])
        readers.ask("ann", METADATA)
        readers.ask("ann", ADDRESS, **{"If-None-Match": TAG})
    expected = [
        ("acme/core", "ann", WHEEL.filename, "192.0.2.7", f"pip/{number}") for number in range(4)
    ]
    assert events_of(world) == expected
    with world.components.database.reading() as session:
        pulled = session.query(Package).filter_by(normalized_name="demo-package")
        assert sorted(package.pulls_count for package in pulled) == [0, 4]
        last = session.query(Release.last_downloaded_at).order_by(Release.last_downloaded_at)
        assert world.clock() in [moment for (moment,) in last]


def test_the_pull_is_of_the_project_that_is_chosen(readers: Readers) -> None:
    """Where a file is quarantined, the same bytes of another project are sent."""
    world = readers.world
    for _ in range(3):
        readers.ask("ann", MIRRORED)
    _status("quarantined")(world)
    for _ in range(3):
        readers.ask("ann", MIRRORED)
    paths = [path for path, *_ in events_of(world)]
    assert paths == ["acme/core"] * 3 + ["zeta/open"] * 3


def test_what_is_watched(readers: Readers) -> None:
    app = watched(readers.world)
    with logged() as log:
        for _ in range(3):
            app.get(ADDRESS, headers=readers.headers["ann"])
    lines = log.accesses
    unlike = ("duration_seconds", "request_id", "time", "message")
    told = [{key: value for key, value in line.items() if key not in unlike} for line in lines]
    assert told[0]["view"] == "packaging.download"
    assert told[0]["sent_bytes"] == len(WHEEL.content)
    assert told == [told[0]] * 3
    assert len({line["request_id"] for line in lines}) == 3


def test_the_same_headers_as_ever(readers: Readers) -> None:
    for headers in (
        {},
        {"If-None-Match": TAG},
        {"If-None-Match": "*"},
        {"If-None-Match": '"other"'},
        {"Range": "bytes=0-3"},
        {"Range": "bytes=3-"},
        {"If-Range": '"x"', "Range": "bytes=0-3"},
        {"If-Match": TAG},
        {"Accept": "image/png", "Accept-Encoding": "gzip"},
        {"X-Forwarded-For": "192.0.2.1", "Cookie": "pyregistry_session=x"},
        {"PRIVATE-TOKEN": "nonsense"},
    ):
        sent = {**readers.headers["ann"], **headers}
        for method in ("GET", "HEAD"):
            for address in (*ADDRESSES, IN_THE_API, f"{ADDRESS}?x=1"):
                for _ in range(3):
                    # What is remembered of another request is not the answer to this one.
                    untouched(readers.world, method, address, readers.headers["ann"])
                answers = [untouched(readers.world, method, address, sent) for _ in range(4)]
                seen = [(a.status, a.body, lasting(a)) for a in answers]
                assert all(each == seen[0] for each in seen), (headers, method, address)


@pytest.mark.parametrize("header", ["Range", "If-Range", "If-Match", "If-Unmodified-Since"])
def test_parts_and_conditions_are_not_remembered(accelerated: Readers, header: str) -> None:
    for _ in range(3):
        accelerated.ask("ann", ADDRESS, **{header: "bytes=0-"})
    assert len(accelerated.world.components.answers) == 0


def test_jobs_are_not_remembered(readers: Readers) -> None:
    for _ in range(3):
        assert readers.ask("job", ADDRESS).status_int == 200
    assert not any(readers.world.components.answers._answers.values())


def test_questions_of_a_proxy_are_not_remembered(readers: Readers) -> None:
    for _ in range(3):
        readers.world.app.get(
            ADDRESS, headers=readers.headers["ann"], extra_environ={WHICH_HALF: "only"}
        )
    assert len(readers.world.components.answers) == 0


def test_files_in_a_bucket_are_not_remembered(readers: Readers) -> None:
    to_storage("local", "s3")(readers.world)
    for _ in range(3):
        assert readers.ask("ann", ADDRESS).status_int == 302
        readers.world.app.head(ADDRESS, headers=readers.headers["ann"])
    assert not any(readers.world.components.answers._answers.values())


def test_a_query_is_not_remembered(readers: Readers) -> None:
    for number in range(5):
        for _ in range(2):
            readers.ask("ann", f"{ADDRESS}?x={number}")
    assert len(readers.world.components.answers) == 0


def test_a_password_is_verified_each_time(
    readers: Readers, application: tuple[object, Registry]
) -> None:
    with_settings(readers.world, application[1], passwords_basic=True)
    readers.world.user("eve", password=PASSWORD, is_admin=True)
    readers.headers["eve"] = basic(PASSWORD, "eve")
    for _ in range(3):
        assert readers.ask("eve", ADDRESS).status_int == 200
    assert not any(readers.world.components.answers._answers.values())


@pytest.mark.parametrize(("name", "days"), [("ann", 1), ("bob", 2)])
def test_what_ends_by_time(readers: Readers, name: str, days: int) -> None:
    """A membership ends, and a token does."""
    for _ in range(3):
        assert readers.ask(name, ADDRESS).status_int == 200
    readers.world.clock.advance(days=days)
    assert readers.ask(name, ADDRESS).status_int in (401, 404)


def test_a_missing_object_is_told(readers: Readers) -> None:
    for _ in range(3):
        assert readers.ask("ann", ADDRESS).status_int == 200
    readers.world.components.storage.remove(WHEEL.sha256)
    assert readers.ask("ann", ADDRESS).status_int >= 500


def test_nginx_is_not_led_to_what_has_gone(accelerated: Readers) -> None:
    world = accelerated.world
    for _ in range(3):
        assert "X-Accel-Redirect" in accelerated.ask("ann", ADDRESS).headers
    to_storage("local", "s3")(world)
    assert accelerated.ask("ann", ADDRESS).status_int == 302
    to_storage("s3", "local")(world)
    for _ in range(3):
        assert "X-Accel-Redirect" in accelerated.ask("ann", ADDRESS).headers
    world.components.storage.remove(WHEEL.sha256)
    answer = accelerated.ask("ann", ADDRESS)
    assert answer.status_int >= 500
    assert "X-Accel-Redirect" not in answer.headers


def test_limits_count_what_is_remembered(limited: Limited) -> None:
    world = limited(packages_per_identity="4 per minute", packages_per_address="4 per minute")
    world.project("acme/core", "public")
    world.upload("acme/core", WHEEL)
    for headers in (world.as_("ann"), {}):
        observed = [
            world.app.get(ADDRESS, headers=headers).headers["RateLimit-Observed"] for _ in range(4)
        ]
        assert observed == ["1", "2", "3", "4"]
        refused = world.app.get(ADDRESS, headers=headers, status=429)
        assert refused.headers["RateLimit-Observed"] == "5"
    pulled = events_of(world)
    assert len(pulled) == 8


def test_the_server_sends_what_is_remembered(readers: Readers) -> None:
    """The server knows its own wrapper again, and reads the file from its beginning."""
    world = readers.world
    for _ in range(3):
        body = _raw(world, readers.headers["ann"])
        assert type(body) is FileWrapper
        assert b"".join(body) == WHEEL.content
        body.close()


def _raw(world: World, headers: dict[str, str]) -> Any:
    environ = Request.blank(ADDRESS, headers=headers).environ
    environ["wsgi.file_wrapper"] = FileWrapper
    return watched(world).app(environ, lambda *_: None)


def test_only_so_many_bytes_are_kept(
    readers: Readers, application: tuple[object, Registry]
) -> None:
    world, room = readers.world, 3 * len(WHEEL.metadata)
    world.components = replace(world.components, answers=AnswerMemory(most_bytes=room))
    application[1]["pyregistry.components"] = world.components
    memory = world.components.answers
    for number in range(5):
        for _ in range(3):
            readers.ask("ann", METADATA, Accept=f"text/x-{number}")
    assert memory.kept_bytes == room
    assert len(memory) == 3
    # What is answered anew takes the place of what was answered before.
    _publish("acme/core", wheel(version="2.0"))(world)
    readers.ask("ann", METADATA, Accept="text/x-4")
    assert (memory.kept_bytes, len(memory)) == (room, 3)


def test_long_metadata_are_not_kept(readers: Readers) -> None:
    long = wheel(version="3.0", description="x" * 70_000)
    readers.world.upload("acme/core", long)
    for _ in range(3):
        address = f"/acme/core/-/files/{long.sha256}/{long.filename}.metadata"
        assert readers.ask("ann", address).body == long.metadata
    assert readers.world.components.answers.kept_bytes == 0


def test_no_secret_is_kept(readers: Readers) -> None:
    for _ in range(3):
        readers.answers()
    kept = repr(readers.world.components.answers._answers)
    assert WHEEL.filename in kept
    for headers in readers.headers.values():
        for sent in headers.values():
            assert sent.removeprefix("Basic ") not in kept


def test_what_is_asked_about_a_file(readers: Readers) -> None:
    """Every change of a file or its package is another standing; of other files it is none."""
    world, subject = readers.world, FileSubject(WHEEL.sha256, WHEEL.filename)
    world.project("acme/fourth")
    standings = [world.components.freshness.standing(subject, never)]
    for change in (
        _publish("acme/fourth"),
        to_storage("local", "s3"),
        _status("quarantined"),
        _delete_file,
    ):
        change(world)
        standings.append(world.components.freshness.standing(subject, never))
    assert len(set(standings)) == len(standings)
    headers = world.publisher("acme/other")
    standings.append(world.components.freshness.standing(subject, never))
    world.upload("acme/other", wheel("another"), headers)
    world.upload("acme/other", wheel(version="1.0", files={"other.py": b""}), headers)
    found = world.components.freshness.standing(subject, never)
    assert found == standings[-1]
    assert found.number == 2

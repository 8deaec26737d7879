"""What load balancers and administrators are told of a registry that works, and of broken ones."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from pyramid.registry import Registry
from sqlalchemy import URL, text

from pyregistry.events.models import Event
from pyregistry.health.checks import (
    ANSWER_LASTS,
    BROKEN,
    NO_ANSWER,
    WRONG_SCHEMA,
    Check,
    Health,
    Question,
)
from pyregistry.schema import HEAD
from pyregistry.storage.local import LocalStorage
from pyregistry.version import __version__
from tests.factories.distributions import sdist
from tests.factories.world import World, new_components
from tests.functional.support import statements

LIVE = ("/-/health/live", "/-/liveness")
READY = ("/-/health/ready", "/-/readiness")
OK = [{"status": "ok"}]
WORKS = {"status": "ok", "database_check": OK, "storage_check": OK}


def failed(**checks: str) -> dict[str, object]:
    """The answer where these parts do not work."""
    broken = {
        f"{part}_check": [{"status": "failed", "message": sentence}]
        for part, sentence in checks.items()
    }
    return {**WORKS, "status": "failed", **broken}


def test_a_registry_that_works(world: World) -> None:
    for headers in ({}, {"Accept": "text/html"}, {"PRIVATE-TOKEN": "wrong"}):
        live = [world.app.get(address, headers=headers) for address in LIVE]
        assert [response.json for response in live] == [{"status": "ok"}] * 2
        ready = [world.app.get(address, headers=headers) for address in READY]
        assert [response.json for response in ready] == [WORKS] * 2
        for response in (*live, *ready):
            assert response.headers["Cache-Control"] == "no-store"
            assert "Set-Cookie" not in response.headers
    assert world.app.head("/-/readiness").status_int == 200
    assert world.count(Event) == 0
    # Nothing is left of what was written to see whether it can be.
    assert world.leftovers() == []


def test_whoever_asks_with_another_method_is_refused(world: World) -> None:
    for address in (*LIVE, *READY, "/-/health"):
        assert world.app.post(address, expect_errors=True).status_int < 500
        assert world.app.get(f"{address}/more", expect_errors=True).status_int < 500


def test_a_storage_without_its_folder(world: World) -> None:
    folder = world.components.settings.storage_local_folder
    shutil.rmtree(folder)
    for address in READY:
        assert world.app.get(address, status=503).json == failed(storage=BROKEN)
    assert world.app.get("/-/liveness").json == {"status": "ok"}
    world.user("ada", is_admin=True)
    health = world.app.get("/api/v4/health", headers=world.as_("ada")).json
    assert health["status"] == "failed"
    assert health["storage"] == {"kind": "local", "problem": BROKEN, "free_bytes": None}
    world.components.storage.prepare()
    assert world.app.get("/-/readiness").json == WORKS


def test_administrators_are_told_what_is_so_now(world: World) -> None:
    world.user("ada", is_admin=True)
    headers = world.as_("ada")
    assert world.app.get("/-/health/ready").json == WORKS
    shutil.rmtree(world.components.settings.storage_local_folder)
    assert world.app.get("/api/v4/health", headers=headers).json["storage"]["problem"] == BROKEN
    world.components.storage.prepare()
    for address in ("/-/admin", "/-/admin/health"):
        assert world.app.get("/-/health/ready").json == WORKS
        shutil.rmtree(world.components.settings.storage_local_folder)
        assert BROKEN in world.app.get(address, headers=headers).text
        world.components.storage.prepare()


def test_a_database_with_another_schema(world: World) -> None:
    with world.components.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert world.app.get("/-/readiness", status=503).json == failed(database=WRONG_SCHEMA)
    with world.components.database.writing() as session:
        session.execute(text("DROP TABLE alembic_version"))
    assert world.app.get("/-/readiness", status=503).json == failed(database=WRONG_SCHEMA)


def test_a_database_that_is_none(
    world: World, application: tuple[object, Registry], tmp_path: Path
) -> None:
    here = world.components.settings.database_url
    if here.get_backend_name() == "sqlite":
        broken = tmp_path / "broken.sqlite3"
        broken.write_bytes(b"this is no database\n" * 1000)
        url = URL.create("sqlite", database=str(broken))
    else:
        url = here.set(database="there_is_no_such_database", password="hunter2")
    components = new_components(url, tmp_path, world.clock)
    application[1]["pyregistry.components"] = components
    response = world.app.get("/-/readiness", status=503)
    assert response.json == failed(database=BROKEN)
    assert world.app.get("/-/liveness").json == {"status": "ok"}
    components.database.dispose()


def test_a_part_that_hangs_makes_nobody_wait() -> None:
    asked, answer = [], threading.Event()

    def hang() -> None:
        asked.append(True)
        assert answer.wait(60)

    health = Health({"database": lambda: None, "storage": hang})
    try:
        with ThreadPoolExecutor() as pool:
            found = list(pool.map(lambda _: health.problems(timeout=0.01), range(8)))
        assert found == [{"database": None, "storage": NO_ANSWER}] * 8
        # However many ask, one thread waits.
        assert len(asked) == 1
    finally:
        answer.set()
    assert health.problems(timeout=60)["storage"] is None


def test_that_a_storage_works_is_told_again_for_a_while() -> None:
    asked: list[str] = []
    answers: dict[str, str | None] = {"database": None, "storage": None}
    now = 100.0

    def question(part: str) -> Question:
        def ask() -> str | None:
            asked.append(part)
            return answers[part]

        return ask

    health = Health(
        {part: question(part) for part in answers}, {"storage": ANSWER_LASTS}, lambda: now
    )

    def told(*, anew: bool = False) -> tuple[str | None, int]:
        asked.clear()
        return health.problems(60, anew=anew)["storage"], asked.count("storage")

    assert told() == (None, 1)
    now += ANSWER_LASTS / 2
    answers["storage"] = BROKEN
    assert told() == (None, 0)
    assert asked == ["database"]
    # Administrators see how it is.
    assert told(anew=True) == (BROKEN, 1)
    # What was wrong may be over: it is never told again.
    answers["storage"] = None
    assert told() == (None, 1)
    answers["storage"] = BROKEN
    now += ANSWER_LASTS
    assert told() == (BROKEN, 1)


class CountingStorage(LocalStorage):
    """A folder that knows how often it was asked."""

    asked = 0

    def check(self) -> None:
        self.asked += 1
        super().check()


def test_probes_ask_the_storage_of_a_registry_now_and_then(world: World, tmp_path: Path) -> None:
    storage = CountingStorage(tmp_path / "counted")
    storage.prepare()
    now = 100.0
    health = Health.of(world.components.database, storage, lambda: now)
    for _ in range(5):
        assert health.problems(60) == {"database": None, "storage": None}
    assert storage.asked == 1
    now += ANSWER_LASTS
    assert health.problems(60) == {"database": None, "storage": None}
    assert storage.asked == 2


def test_a_mistake_of_a_check_is_no_answer_that_all_is_well() -> None:
    def mistaken() -> str | None:
        raise ZeroDivisionError

    assert Check("mistake", mistaken).begin().result(60) == BROKEN


def test_administrators_see_the_details(world: World) -> None:
    world.group("acme")
    world.project("acme/core")
    world.user("ada", is_admin=True)
    headers = world.as_("ada")
    first, second = sdist("demo"), sdist("demo", "2.0")
    world.upload("acme/core", first, headers)
    world.upload("acme/core", second, headers)
    world.components.recorder.flush()
    health = world.app.get("/api/v4/health", headers=headers).json
    assert health["status"] == "ok"
    assert health["version"] == __version__
    assert health["uptime_seconds"] >= 0
    database = world.components.settings.database_url.get_backend_name()
    assert health["database"] == {
        "kind": database,
        "problem": None,
        "schema_revision": HEAD,
        "expected_schema_revision": HEAD,
    }
    assert health["storage"]["kind"] == "local"
    assert health["storage"]["free_bytes"] > 0
    assert health["recorder"]["backlog"] <= 1
    assert health["throttle"] == {"storage_reachable": True}
    assert health["counts"] == {
        "users": 1,
        "groups": 1,
        "projects": 1,
        "packages": 1,
        "files": 2,
        "storage_bytes": len(first.content) + len(second.content),
    }
    with statements(world) as executed:
        world.app.get("/api/v4/health", headers=headers)
    before = len(executed)
    for number in range(3):
        world.project(f"acme/more-{number}")
    with statements(world) as executed:
        world.app.get("/api/v4/health", headers=headers)
    assert len(executed) == before


def test_an_empty_registry_has_counts(world: World) -> None:
    world.user("ada", is_admin=True)
    counts = world.app.get("/api/v4/health", headers=world.as_("ada")).json["counts"]
    assert counts == {
        "users": 1,
        "groups": 0,
        "projects": 0,
        "packages": 0,
        "files": 0,
        "storage_bytes": 0,
    }


def test_nobody_else_sees_the_details(world: World) -> None:
    world.app.get("/api/v4/health", status=401)
    world.app.get("/api/v4/health", headers=world.as_("dora"), status=403)


def test_a_storage_of_counts_that_is_gone(
    world: World, application: tuple[object, Registry], tmp_path: Path
) -> None:
    url = world.components.settings.database_url
    # Nobody listens at port 1.
    broken = new_components(url, tmp_path, world.clock, throttle__storage="redis://127.0.0.1:1/0")
    application[1]["pyregistry.components"] = replace(world.components, throttle=broken.throttle)
    world.user("ada", is_admin=True)
    health = world.app.get("/api/v4/health", headers=world.as_("ada")).json
    assert health["throttle"] == {"storage_reachable": False}
    # Limits are off then, and requests go on.
    assert health["status"] == "ok"
    assert world.app.get("/-/readiness").json == WORKS
    broken.database.dispose()

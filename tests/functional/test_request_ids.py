"""Every answer names its request as the log does."""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Thread

import pytest
from pyramid.registry import Registry
from webtest import TestApp, TestResponse

from pyregistry.logs import RequestFormatter
from pyregistry.proxies import TrustedProxies
from pyregistry.settings import parsers
from tests.factories.world import World
from tests.functional.support import with_settings
from tests.functional.ui.browsing import BROWSER

MADE_HERE = re.compile(r"[0-9a-f]{16}")


def id_of(response: TestResponse) -> str:
    """The request's id, which an answer names once."""
    (found,) = response.headers.getall("X-Request-Id")
    return str(found)


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What is written to the log inside the block, with the ids alone before each line."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(RequestFormatter("[%(request_id)s] %(message)s"))
    logger = logging.getLogger("pyregistry")
    logger.addHandler(handler)
    try:
        yield stream
    finally:
        logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/", BROWSER),
        ("/-/login", BROWSER),
        ("/static/pyregistry.css", BROWSER),
        ("/acme/core/", BROWSER),
        ("/acme/core/", {}),
        ("/acme/core/-/simple/", {}),
        ("/api/v4/projects/1", {}),
        ("/api/v4/version", {}),
        ("/%FF", BROWSER),
        ("/-/liveness", {}),
    ],
)
def test_every_answer_has_an_id(world: World, address: str, headers: dict[str, str]) -> None:
    first = world.app.get(address, headers=headers, expect_errors=True)
    again = world.app.get(address, headers=headers, expect_errors=True)
    assert MADE_HERE.fullmatch(id_of(first))
    assert id_of(first) != id_of(again)


def test_an_answer_without_a_body_has_one(world: World) -> None:
    world.project("acme/core", "public")
    index = world.app.get("/acme/core/-/simple/")
    unchanged = {"If-None-Match": index.headers["ETag"]}
    assert MADE_HERE.fullmatch(id_of(world.app.get("/acme/core/-/simple/", headers=unchanged)))


def standing_still() -> datetime:
    """A clock that is broken: every request that asks for the time fails."""
    raise RuntimeError("the clock stands still")


def test_the_log_names_the_request(world: World, application: tuple[object, Registry]) -> None:
    broken = replace(world.components, clock=standing_still)
    application[1]["pyregistry.components"] = broken
    with logged() as log:
        response = world.app.get("/", status=500)
    assert log.getvalue().startswith(f"[{id_of(response)}] GET / failed\n")


def test_lines_of_no_request_say_so() -> None:
    record = logging.makeLogRecord({"msg": "Stopping"})
    made: list[str] = []
    thread = Thread(
        target=lambda: made.append(RequestFormatter("[%(request_id)s] %(message)s").format(record))
    )
    thread.start()
    thread.join()
    assert made == ["[-] Stopping"]


class Unspeakable:
    """A title that no page can show."""

    def __html__(self) -> str:
        raise RuntimeError("no words")


def test_what_fails_to_tell_of_a_failure_is_answered(
    world: World, application: tuple[object, Registry]
) -> None:
    with_settings(world, application[1], title=Unspeakable())
    with logged() as log:
        response = world.app.get("/", headers=BROWSER, status=500)
    assert "its log says which" in response.text
    assert f"[{id_of(response)}] GET could not be answered" in log.getvalue()


def test_nobody_chooses_an_id(world: World) -> None:
    sent = {"X-Request-Id": "chosen"}
    assert MADE_HERE.fullmatch(id_of(world.app.get("/", headers=sent)))
    stranger = behind(world, "192.0.2.7")
    assert MADE_HERE.fullmatch(id_of(stranger.get("/", headers=sent)))


@pytest.mark.parametrize("request_id", ["7f3a", "4bf92f35-77b3-4da6.a3_ce", "a" * 64])
def test_a_trusted_proxy_gives_the_id(world: World, request_id: str) -> None:
    response = behind(world, "192.0.2.1").get("/", headers={"X-Request-Id": request_id})
    assert id_of(response) == request_id


@pytest.mark.parametrize(
    "request_id", ["", "a" * 65, "a b", "a\x1b[31m", "-a", "a\tb", "<b>", "ä", "%0a"]
)
def test_an_id_that_could_do_harm_is_not_taken(world: World, request_id: str) -> None:
    proxied = behind(world, "192.0.2.1")
    proxied.extra_environ["HTTP_X_REQUEST_ID"] = request_id
    assert MADE_HERE.fullmatch(id_of(proxied.get("/")))


def behind(world: World, peer: str) -> TestApp:
    """A client that comes from an address, of which one is that of a trusted proxy."""
    proxied = TrustedProxies(world.app.app, parsers.peers("192.0.2.1"))
    return TestApp(proxied, extra_environ={"REMOTE_ADDR": peer})

"""One line of the log for each request, and never a secret in any."""

import logging
from base64 import b64encode
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pyramid.registry import Registry

from pyregistry.authnz.roles import Role
from pyregistry.proxies import TrustedProxies
from pyregistry.settings import parsers
from pyregistry.slow_queries import log_slow_queries
from tests.factories.distributions import sdist
from tests.factories.world import PASSWORD, World, basic
from tests.functional.support import PROJECT, browser, with_settings
from tests.functional.ui.browsing import BROWSER
from tests.functional.watched import logged, watched

FIELDS = {
    "time",
    "level",
    "logger",
    "message",
    "process",
    "thread",
    "request_id",
    "method",
    "path",
    "status",
    "duration_seconds",
    "received_bytes",
    "sent_bytes",
    "client_address",
    "view",
    "user_id",
    "username",
    "credential",
}


def test_one_line_for_each_request(world: World) -> None:
    world.project(PROJECT)
    world.member(PROJECT, "ada", Role.REPORTER)
    headers = world.as_("ada")
    app = watched(world)
    with logged() as log:
        response = app.get(f"/{PROJECT}/-/simple/?format=", headers=headers, status=406)
        app.get("/-/liveness")
    first, second = log.accesses
    assert set(first) == FIELDS
    assert first["request_id"] == response.headers["X-Request-Id"]
    facts = {name: first[name] for name in ("method", "path", "status", "view", "sent_bytes")}
    assert facts == {
        "method": "GET",
        "path": f"/{PROJECT}/-/simple/",
        "status": 406,
        "view": "simple.simple_index",
        "sent_bytes": len(response.body),
    }
    assert first["user_id"] == world.users["ada"]
    assert (first["username"], first["credential"]) == ("ada", "personal_access_token")
    assert first["client_address"] == "192.0.2.7"
    assert first["duration_seconds"] >= 0
    assert (second["user_id"], second["username"], second["credential"]) == (None, None, None)
    text = log.text.getvalue()
    assert f"GET /{PROJECT}/-/simple/ 406, {len(response.body)} bytes in " in text
    assert ", for ada from 192.0.2.7\n" in text


def test_other_credentials(world: World) -> None:
    world.project(PROJECT)
    token = world.deploy_token(PROJECT, username="mirror")
    world.user("bob", password=PASSWORD)
    signed_in = browser(world, "bob")
    signed_in.app = watched(world).app
    with logged() as log:
        watched(world).get(f"/{PROJECT}/-/simple/", headers=basic(token, "mirror"))
        signed_in.get("/", headers=BROWSER)
    deploy, session = log.accesses
    assert (deploy["user_id"], deploy["username"]) == (None, "mirror")
    assert deploy["credential"] == "deploy_token"
    assert (session["username"], session["credential"]) == ("bob", "browser_session")


def test_the_address_is_that_of_the_client(world: World) -> None:
    app = watched(world, REMOTE_ADDR="192.0.2.1")
    app.app = TrustedProxies(app.app, parsers.peers("192.0.2.1"))
    with logged() as log:
        app.get("/", headers={"X-Forwarded-For": "198.51.100.9", "X-Request-Id": "from-proxy"})
    (line,) = log.accesses
    assert (line["client_address"], line["request_id"]) == ("198.51.100.9", "from-proxy")


def test_nothing_in_an_address_ends_a_line(world: World) -> None:
    app = watched(world)
    with logged() as log:
        app.get("/a%0AERROR%20forged%1B%5B31m%00/%FF", expect_errors=True)
        app.get(f"/{'a' * 5000}", expect_errors=True)
    forged, long = log.accesses
    assert forged["path"] == "/a%0AERROR%20forged%1B%5B31m%00/%FF"
    assert len(long["path"]) == 1000
    assert not any(line.startswith("ERROR forged") for line in log.text.getvalue().splitlines())
    assert "\x1b" not in log.everything


def standing_still() -> datetime:
    """A clock that is broken, and quotes what it should not."""
    raise RuntimeError(f"asked https://ada:{PASSWORD.replace(' ', '-')}@clock.example.org/now")


def test_a_mistake_has_its_traceback(world: World, application: tuple[object, Registry]) -> None:
    broken = replace(world.components, clock=standing_still)
    application[1]["pyregistry.components"] = broken
    app = watched(world)
    with logged() as log:
        response = app.get("/?token=in-the-query", status=500)
    (mistake,) = [line for line in log.lines if line["level"] == "ERROR"]
    assert mistake["request_id"] == response.headers["X-Request-Id"]
    assert mistake["message"] == "GET / failed"
    assert mistake["traceback"].startswith("Traceback (most recent call last)")
    assert "standing_still" in mistake["traceback"]
    assert "https://***@clock.example.org/now" in mistake["traceback"]
    assert [line["status"] for line in log.accesses] == [500]
    assert "correct-horse" not in log.everything
    assert "in-the-query" not in log.everything
    # For middleware around the application.
    assert isinstance(response.request.environ["pyregistry.exception"], RuntimeError)


def test_quiet_where_nobody_listens(world: World) -> None:
    access = logging.getLogger("pyregistry.access")
    access.setLevel(logging.WARNING)
    try:
        with logged() as log:
            watched(world).get("/-/liveness")
    finally:
        access.setLevel(logging.NOTSET)
    assert log.accesses == []


def test_slow_statements_name_their_request(world: World) -> None:
    log_slow_queries(world.components.database.engine, timedelta(0))
    with logged() as log:
        response = watched(world).get("/hidden/project/", expect_errors=True)
    slow = [line for line in log.lines if line["logger"] == "pyregistry.slow_queries"]
    assert slow
    for line in slow:
        assert line["request_id"] == response.headers["X-Request-Id"]
        assert line["seconds"] >= 0
        assert line["statement"] in line["message"]
    assert any("FROM namespaces" in line["statement"] for line in slow)
    # Values are people's, such as the path that was looked for.
    assert not any("hidden" in line["message"] for line in slow)


def secrets_of(headers: dict[str, str]) -> str:
    """Basic credentials as they are sent."""
    return headers["Authorization"].removeprefix("Basic ")


def test_no_secret_is_ever_logged(world: World, application: tuple[object, Registry]) -> None:
    with_settings(world, application[1], metrics_token="m" * 30, passwords_basic=True)
    world.project(PROJECT)
    world.user("ada", password=PASSWORD, is_admin=True)
    token, other = world.token("ada"), world.token("ada")
    publisher = world.publisher(PROJECT)
    session = browser(world, "ada")
    (cookie,) = [cookie.value for cookie in session.cookiejar]
    wrong = "pyrpat_" + "w" * 49
    session.app = world.app.app = watched(world).app
    app = world.app
    with logged() as log:
        for headers in (
            basic(token),
            basic(wrong),
            basic(PASSWORD, "ada"),
            {"PRIVATE-TOKEN": token},
            {"Authorization": f"Bearer {other}"},
            {"Authorization": f"Bearer {'m' * 30}"},
            {"JOB-TOKEN": wrong},
        ):
            for address in (f"/{PROJECT}/-/simple/", "/-/metrics", f"/api/v4/user?token={token}"):
                app.get(address, headers=headers, expect_errors=True)
        # By mistake in the path, and in a query.
        app.get(f"/{token}/-/simple/?private_token={other}", expect_errors=True)
        app.get(f"/https://ada:{other}@example.org/", expect_errors=True)
        session.get("/-/profile/tokens", headers=BROWSER)
        page = app.get("/-/login", headers=BROWSER)
        form = page.forms[0]
        form.set("username", "ada", index=0)
        form.set("password", PASSWORD, index=0)
        form.submit(expect_errors=True)
        world.upload(PROJECT, sdist("demo"), publisher)
        world.upload(PROJECT, sdist("demo"), {"Authorization": f"Basic {wrong}"}, status=401)
    assert len(log.accesses) > 20
    hidden: list[Any] = [token, other, wrong, cookie, PASSWORD, "m" * 30, secrets_of(publisher)]
    hidden += [b64encode(text.encode()).decode() for text in (f"__token__:{token}",)]
    for secret in hidden:
        assert secret not in log.everything


@pytest.mark.parametrize("name", ["text", "json"])
def test_a_signed_address_is_not_logged(name: str) -> None:
    address = (
        "https://s3.example.org/bucket/key?X-Amz-Credential=AKIA%2F20261123&X-Amz-Date=20261123"
        "&X-Amz-Signature=0123abcd&response-content-type=x"
    )
    with logged() as log:
        logging.getLogger("botocore").warning("could not GET %s: again", address)
    written = getattr(log, name).getvalue()
    assert "X-Amz-Signature=***&response-content-type=x" in written
    assert "0123abcd" not in written
    assert "AKIA" not in written

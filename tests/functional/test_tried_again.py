"""What the database could not do at first, and clients never see: tried again, and done once."""

import os
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pyramid.registry import Registry
from pyramid.request import Request
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from pyregistry.authnz.roles import Role
from pyregistry.db import Database
from pyregistry.engines import Connecting
from pyregistry.events.models import Event
from pyregistry.logs import RequestFormatter
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.models import File
from pyregistry.retries import ATTEMPTS
from pyregistry.second_attempts import attempts_for
from tests.factories import uploads
from tests.factories.distributions import sdist, wheel
from tests.factories.trouble import Trouble, trouble_after
from tests.factories.world import PASSWORD, World, fields_of
from tests.functional.support import (
    PROJECT,
    Limited,
    Stream,
    send_json,
    send_stream,
    sentence_of,
)

API = "/api/v4/projects/acme%2Fcore"


@pytest.fixture
def headers(world: World) -> dict[str, str]:
    """The headers of a maintainer of a private project."""
    world.project(PROJECT)
    world.member(PROJECT, "mia", Role.MAINTAINER)
    return world.as_("mia")


@pytest.fixture
def trouble(world: World) -> Trouble:
    return Trouble(world.components.database.engine)


def only(kind: str, world: World) -> None:
    if world.components.database.kind != kind:
        pytest.skip(f"only {kind} has this")


def publish(world: World, headers: dict[str, str], **options: Any) -> Any:
    return world.upload(PROJECT, sdist(), headers, **options)


class TestRead:
    def test_is_tried_again(self, world: World, headers: dict[str, str], trouble: Trouble):
        with trouble.at("SELECT") as broken:
            world.app.get(API, headers=headers, status=200)
        assert broken.left == 0

    def test_is_given_up(self, world: World, headers: dict[str, str], trouble: Trouble):
        with trouble.at("SELECT", times=100) as broken:
            response = world.app.get(API, headers=headers, status=503)
        assert broken.tried == ATTEMPTS
        assert response.headers["Retry-After"] == "10"
        assert "try again soon" in response.json["message"]
        world.app.get(API, headers=headers, status=200)

    def test_pages_say_so(
        self,
        world: World,
        headers: dict[str, str],
        trouble: Trouble,
        caplog: pytest.LogCaptureFixture,
    ):
        with trouble.at("SELECT", times=100):
            page = world.app.get(f"/{PROJECT}/", headers={"Accept": "text/html"}, status=503)
        assert page.content_type == "text/html"
        assert page.headers["Retry-After"] == "10"
        assert page.headers["X-Request-Id"] in page.text
        # One failure, and not one for each attempt.
        assert [line.levelname for line in caplog.records] == ["WARNING", "WARNING", "ERROR"]

    def test_clients_are_told(self, world: World, headers: dict[str, str], trouble: Trouble):
        with trouble.at("SELECT", times=100):
            response = world.app.get(f"/{PROJECT}/-/simple/", headers=headers, status=503)
        assert "try again soon" in sentence_of(response)
        assert response.headers["Retry-After"] == "10"

    def test_has_one_id(
        self,
        world: World,
        headers: dict[str, str],
        trouble: Trouble,
        monkeypatch: pytest.MonkeyPatch,
    ):
        ids: list[str] = []
        monkeypatch.setattr("pyregistry.http.request_ids.random.getrandbits", lambda _: 7)
        with trouble.at("SELECT"):
            ids.append(world.app.get(API, headers=headers).headers["X-Request-Id"])
        assert ids == [f"{7:016x}"]

    def test_pull_is_counted_once(self, world: World, headers: dict[str, str], trouble: Trouble):
        publish(world, headers)
        world.components.recorder.flush()
        file = sdist()
        address = f"/{PROJECT}/-/files/{file.sha256}/{file.filename}"
        # What is asked last: the first attempt has noted who asked.
        with trouble.at("SELECT") as counting:
            world.app.get(address, headers=headers)
        statements = counting.tried
        for number in range(1, statements):
            with trouble_after(world, number):
                world.app.get(address, headers=headers, status=200)
        world.components.recorder.flush()
        pulls = [found for found in world.events() if found.action == "file.pulled"]
        assert len(pulls) == statements


class TestLimits:
    def test_a_request_counts_once(
        self, limited: Limited, headers: dict[str, str], application: tuple[object, Registry]
    ):
        world = limited(api_per_identity="10 per day")
        world.app.get(API, headers=headers)
        with trouble_after(world, 2):
            response = world.app.get(API, headers=headers)
        assert response.headers["RateLimit-Observed"] == "2"
        assert response.headers["RateLimit-Remaining"] == "8"


def deferred(world: World, what: str) -> None:
    """Have PostgreSQL do that while the first transaction commits that adds a member."""
    with world.components.database.writing() as session:
        session.execute(text("CREATE SEQUENCE commits"))
        session.execute(
            text(
                "CREATE FUNCTION once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF nextval('commits') = 1 THEN {what} END IF; RETURN NULL; END $$"
            )
        )
        session.execute(
            text(
                "CREATE CONSTRAINT TRIGGER once AFTER INSERT ON memberships"
                " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION once()"
            )
        )


class TestChange:
    def test_is_done_once(self, world: World, headers: dict[str, str], trouble: Trouble):
        body = {"access_level": 30, "user_id": world.user("dev")}
        with trouble.at("INSERT INTO memberships") as broken:
            send_json(world, "POST", f"{API}/members", headers, 201, **body)
        assert broken.tried == 2
        actions = [found.action for found in world.events()]
        assert actions.count("member.added") == 1

    def test_deadlock_at_the_commit(self, world: World, headers: dict[str, str], trouble: Trouble):
        """A trigger that fails when the transaction ends, as serialisation does."""
        only("postgresql", world)
        deferred(world, "RAISE EXCEPTION 'forced' USING ERRCODE = '40001';")
        body = {"access_level": 30, "user_id": world.user("dev")}
        send_json(world, "POST", f"{API}/members", headers, 201, **body)
        assert [found.action for found in world.events()].count("member.added") == 1

    def test_lost_commit_is_not_repeated(
        self, world: World, headers: dict[str, str], trouble: Trouble
    ):
        only("postgresql", world)
        body = {"access_level": 30, "user_id": world.user("dev")}
        with trouble.at_commit(committed=True):
            response = world.app.post_json(f"{API}/members", body, headers=headers, status=503)
        assert "look whether it was saved" in response.json["message"]
        assert [found.action for found in world.events()].count("member.added") == 1

    def test_ended_while_it_commits(self, world: World, headers: dict[str, str]):
        """The server says that it ends the connection, as the answer to COMMIT."""
        only("postgresql", world)
        deferred(world, "PERFORM pg_terminate_backend(pg_backend_pid());")
        body = {"access_level": 30, "user_id": world.user("dev")}
        response = world.app.post_json(f"{API}/members", body, headers=headers, status=503)
        assert "look whether it was saved" in response.json["message"]
        with world.components.database.reading() as session:
            assert session.scalar(text("SELECT last_value FROM commits")) == 1

    def test_a_large_body_is_not_kept(
        self, world: World, headers: dict[str, str], trouble: Trouble
    ):
        read: list[bool] = []
        body = Stream(lambda: read.append(True), b" " * 70_000)
        sent = {**headers, "Content-Type": "application/json", "Content-Length": "70000"}
        with trouble.at("SELECT") as broken:
            response = send_stream(world, body, sent, address=f"{API}/members")
        assert response.status_int == 503
        assert broken.tried == 1
        assert read == []


class TestUpload:
    def test_recording_is_repeated(self, world: World, headers: dict[str, str], trouble: Trouble):
        with trouble.at("INSERT INTO files") as broken:
            response = publish(world, headers)
        assert response.text == "Published.\n"
        assert broken.tried == 2
        assert world.count(File) == 1
        assert [found.action for found in world.events()] == ["file.pushed"]
        assert world.stored_objects() == {sdist().sha256}

    @pytest.mark.parametrize("committed", [False, True])
    def test_lost_commit_is_looked_up(
        self, world: World, headers: dict[str, str], trouble: Trouble, committed: bool
    ):
        only("postgresql", world)
        with trouble.at_commit(committed=committed):
            response = publish(world, headers)
        assert response.text == "Published.\n"
        assert world.count(File) == 1
        assert [found.action for found in world.events()] == ["file.pushed"]

    def test_is_given_up(self, world: World, headers: dict[str, str], trouble: Trouble):
        with trouble.at("INSERT INTO files", times=100) as broken:
            response = publish(world, headers, status=503)
        assert broken.tried == ATTEMPTS
        assert response.headers["Retry-After"] == "10"
        assert "try again soon" in sentence_of(response)
        assert world.count(File) == 0

    def test_is_read_while_it_is_sent(self, world: World, headers: dict[str, str]):
        """Nothing reads the body before the view does: it is refused without one byte."""
        content_type, body = uploads.twine(fields_of(sdist()), sdist().filename, sdist().content)
        read: list[bool] = []
        sent = {"Content-Type": content_type, "Content-Length": str(len(body))}
        response = send_stream(world, Stream(lambda: read.append(True), body), sent)
        assert response.status_int == 401
        assert read == []

    def test_is_not_copied(self, world: World, headers: dict[str, str]):
        """What was read is on its way into the storage before the rest has come."""
        large = wheel(files={"demo/payload.bin": os.urandom(500_000)})
        content_type, body = uploads.twine(fields_of(large), large.filename, large.content)
        half, pending = len(body) // 2, []
        stream = Stream(body[:half], lambda: pending.extend(world.leftovers()), body[half:])
        sent = {**headers, "Content-Type": content_type, "Content-Length": str(len(body))}
        assert send_stream(world, stream, sent).status_int == 200
        assert len(pending) == 1


class TestSigningIn:
    def test_is_repeated(self, world: World, trouble: Trouble):
        world.user("ann", password=PASSWORD)
        form = world.app.get("/-/login").forms[0]
        form["username"], form["password"] = "ann", PASSWORD
        with trouble.at("INSERT INTO browser_sessions") as broken:
            form.submit(status=303)
        assert broken.tried == 2
        assert [found.action for found in world.events()] == ["user.signed_in"]


class TestRecorder:
    @pytest.mark.parametrize("committed", [False, True])
    def test_lost_commit_counts_once(
        self, world: World, headers: dict[str, str], trouble: Trouble, committed: bool
    ):
        only("postgresql", world)
        publish(world, headers)
        file = sdist()
        world.components.recorder.flush()
        world.app.get(f"/{PROJECT}/-/files/{file.sha256}/{file.filename}", headers=headers)
        with trouble.at_commit(committed=committed):
            if committed:
                world.components.recorder.flush()
            else:
                with pytest.raises(OperationalError):
                    world.components.recorder.flush()
        world.components.recorder.flush()
        assert world.components.recorder.backlog == 0
        assert [each.action for each in world.events()] == ["file.pushed", "file.pulled"]

    def test_deadlock_is_repeated(self, world: World, headers: dict[str, str], trouble: Trouble):
        publish(world, headers)
        world.components.recorder.flush()
        file = sdist()
        world.app.get(f"/{PROJECT}/-/files/{file.sha256}/{file.filename}", headers=headers)
        with trouble.at("INSERT INTO events") as broken:
            world.components.recorder.flush()
        assert broken.tried == 2
        assert [each.action for each in world.events()] == ["file.pushed", "file.pulled"]


@pytest.mark.parametrize(
    ("environ", "attempts"),
    [
        ({"REQUEST_METHOD": "GET"}, ATTEMPTS),
        # As waitress says it of every request: there is no body all the same.
        ({"REQUEST_METHOD": "GET", "wsgi.input_terminated": True}, ATTEMPTS),
        ({"REQUEST_METHOD": "DELETE", "wsgi.input_terminated": True}, ATTEMPTS),
        ({"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "65536"}, ATTEMPTS),
        ({"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "65537"}, 1),
        ({"REQUEST_METHOD": "GET", "CONTENT_LENGTH": "65537"}, 1),
        ({"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "many"}, 1),
        ({"REQUEST_METHOD": "POST", "HTTP_TRANSFER_ENCODING": "chunked"}, 1),
        ({"REQUEST_METHOD": "POST", "SERVER_PROTOCOL": "HTTP/2"}, 1),
        ({"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "9", "PATH_INFO": "/a/b/-/legacy/"}, 1),
        ({"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "9", "PATH_INFO": "/-/login"}, 1),
    ],
)
def test_bodies_that_are_kept_are_short(environ: dict[str, Any], attempts: int) -> None:
    unread = Stream(lambda: pytest.fail("the body was read"))
    body = BytesIO(bytes(65536)) if attempts > 1 else unread
    sent = {"PATH_INFO": "/", "SERVER_PROTOCOL": "HTTP/1.1", **environ, "wsgi.input": body}
    assert attempts_for(Request(sent)) == attempts


def test_slow_queries_are_logged_with_the_request(
    world: World,
    headers: dict[str, str],
    application: tuple[object, Registry],
    caplog: pytest.LogCaptureFixture,
) -> None:
    connecting = Connecting(slow_query=timedelta(0))
    database = Database(world.components.settings.database_url, connecting)
    world.components = replace(world.components, database=database)
    application[1]["pyregistry.components"] = world.components
    response = world.app.get(API, headers=headers)
    database.dispose()
    formatter = RequestFormatter("%(request_id)s %(message)s")
    slow = [line for line in caplog.records if line.name == "pyregistry.slow_queries"]
    said = [formatter.format(line) for line in slow]
    request_id = response.headers["X-Request-Id"]
    assert any(line.startswith(f"{request_id} a statement took ") for line in said)
    assert "acme" not in "".join(said)


def test_what_only_fails_is_not_repeated(
    world: World, headers: dict[str, str], trouble: Trouble
) -> None:
    """A mistake of ours comes again: once is enough."""
    calls = 0

    def broken(_connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal calls
        if statement.startswith("SELECT"):
            calls += 1
            raise OperationalError(statement, {}, Exception("disk I/O error"))

    engine = world.components.database.engine
    event.listen(engine, "before_cursor_execute", broken)
    world.app.get(API, headers=headers, status=503)
    event.remove(engine, "before_cursor_execute", broken)
    assert calls == 1
    assert world.count(Namespace) == 2
    assert world.count(Event) > 0

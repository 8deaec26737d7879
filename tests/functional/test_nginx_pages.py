"""Simple pages that nginx keeps: sent only to whom, and only as long as, the registry says so."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.clients.server import Answer
from tests.factories.distributions import sdist, wheel
from tests.factories.nginx import Nginx
from tests.factories.workers import wait_for
from tests.factories.world import basic
from tests.functional.fronted import Front, fronted

pytestmark = pytest.mark.clients

WHEEL = wheel("demo-kept")
INDEX = "/demo/sandbox/-/simple/"
PAGE = f"{INDEX}demo-kept/"
MOUNTS = ("/demo/-/simple/demo-kept/", "/api/v4/projects/demo%2Fsandbox/packages/pypi/simple/")
JSON = "application/vnd.pypi.simple.v1+json"
OWN_OF_EACH_REQUEST = {"date", "x-request-id", "server", "connection"}


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with fronted(tmp_path_factory.mktemp("pages")) as front:
        assert front.publish(WHEEL).status == 200
        yield front


def kept(nginx: Nginx) -> list[Path]:
    """The files of the cache."""
    return [path for path in (nginx.folder / "pages").rglob("*") if path.is_file()]


def token(front: Front) -> str:
    """Another token of the same user."""
    options = ("--user", "admin", "--name", "short", "--scope", "api")
    return front.server.command_here("token", "create", *options).strip()


def directly(front: Front, method: str, path: str, **headers: str) -> Answer:
    """The answer without nginx."""
    return front.server.request(method, path, headers=headers)


def lasting(answer: Answer) -> list[tuple[str, str]]:
    """The headers that are the same for every such request."""
    found = [(name.lower(), value) for name, value in answer.headers.items()]
    limits = {name for name, _ in found if name.startswith("ratelimit-")}
    return sorted(item for item in found if item[0] not in OWN_OF_EACH_REQUEST | limits)


@pytest.mark.parametrize("path", [INDEX, PAGE, *MOUNTS])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("accept", [JSON, "text/html"])
def test_a_kept_page_is_that_of_the_registry(
    front: Front, path: str, method: str, accept: str
) -> None:
    headers = {"Accept": accept}
    expected = directly(front, method, path, **headers, **basic(front.token))
    transport = [("strict-transport-security", "max-age=31536000")]
    for _ in range(2):
        answer = front.request(method, path, **headers)
        assert (answer.status, answer.body) == (200, expected.body)
        assert sorted(lasting(expected) + transport) == lasting(answer)


def test_it_comes_from_nginx(front: Front) -> None:
    before = set(kept(front.nginx))
    address = f"{INDEX}demo-tampered/"
    assert front.publish(wheel("demo-tampered")).status == 200
    assert b"tampered" in front.request("GET", address).body
    (file,) = set(kept(front.nginx)) - before
    assert file.stat().st_mode & 0o077 == 0
    file.write_bytes(file.read_bytes().replace(b"demo_tampered", b"demo_touched!"))
    assert b"demo_touched!" in front.request("GET", address).body


def test_an_upload_shows_at_once(front: Front) -> None:
    for number in range(1, 4):
        newer = wheel("demo-growing", f"1.{number}")
        assert front.publish(newer).status == 200
        for _ in range(2):
            answer = front.request("GET", f"{INDEX}demo-growing/")
            assert newer.filename.encode() in answer.body


def test_a_revoked_token_shows_at_once(front: Front) -> None:
    secret = token(front)
    for _ in range(2):
        assert front.anonymously("GET", PAGE, **basic(secret)).status == 200
    revoked = front.anonymously(
        "DELETE", "/api/v4/personal_access_tokens/self", **{"PRIVATE-TOKEN": secret}
    )
    assert revoked.status == 204
    assert front.anonymously("GET", PAGE, **basic(secret)).status == 401
    assert front.request("GET", PAGE).status == 200


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", PAGE.rstrip("/"), {}, 301),
        ("GET", f"{INDEX}nothing/", {}, 404),
        ("GET", "/demo/missing/-/simple/", {}, 404),
        ("GET", PAGE, {"Accept": "image/png"}, 406),
        ("GET", PAGE, {"Authorization": "Basic bm9ib2R5Om5vYm9keQ=="}, 401),
        ("DELETE", PAGE, {}, 405),
        ("GET", PAGE, {"If-Match": '"other"'}, 200),
        ("GET", PAGE, {"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200),
        ("GET", PAGE, {"If-Modified-Since": "nonsense"}, 200),
        ("GET", PAGE, {"Range": "bytes=0-3"}, 200),
        ("GET", PAGE, {"If-None-Match": "*"}, 304),
        ("GET", PAGE, {"If-None-Match": '"other"'}, 200),
    ],
)
def test_what_is_no_simple_case_is_answered_alike(
    front: Front, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    forwarded = {"Host": f"localhost:{front.nginx.port}", "X-Forwarded-Proto": "https"}
    expected = directly(front, method, path, **{**basic(front.token), **forwarded, **headers})
    for _ in range(2):
        answer = front.request(method, path, **headers)
        assert answer.status == expected.status == status
        assert answer.body == expected.body
        for name in ("WWW-Authenticate", "Content-Type", "ETag", "Vary", "Cache-Control", "Allow"):
            assert answer.headers.get_all(name) == expected.headers.get_all(name), name
        assert len(answer.headers.get_all("X-Request-Id") or []) == 1
    assert answer.headers.get("Location", "").startswith(
        f"{front.nginx.address}/" if status == 301 else ""
    )


def test_strangers_get_nothing_that_is_kept(front: Front) -> None:
    assert front.request("GET", PAGE).status == 200
    assert front.anonymously("GET", PAGE).status == 401


def test_a_body_does_no_harm(front: Front) -> None:
    assert front.request("GET", PAGE, b"a body").status == 200


def test_a_client_that_has_the_page(front: Front) -> None:
    for accept in (JSON, "text/html"):
        page = front.request("GET", PAGE, Accept=accept)
        tag = page.headers["ETag"]
        for _ in range(2):
            known = front.request("GET", PAGE, Accept=accept, **{"If-None-Match": f"W/{tag}"})
            assert (known.status, known.body) == (304, b"")
            assert known.headers["ETag"] == tag
            assert known.headers["Vary"] == page.headers["Vary"]
            assert known.headers["Cache-Control"] == page.headers["Cache-Control"]
            assert "Content-Type" not in known.headers
    assert front.publish(sdist("demo-kept", "7.0")).status == 200
    assert front.request("GET", PAGE, Accept=accept, **{"If-None-Match": tag}).status == 200


def test_compressed_and_plain_are_kept_apart(front: Front) -> None:
    for number in range(4):
        front.publish(wheel("demo-long", f"1.{number}"))
    address = f"{INDEX}demo-long/"
    for _ in range(2):
        packed = front.request("GET", address, **{"Accept-Encoding": "gzip"})
        plain = front.request("GET", address)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["ETag"] != plain.headers["ETag"]
        assert len(packed.body) < len(plain.body)


@pytest.mark.parametrize("said", ["only", "private:0000"])
def test_what_a_client_says_counts_nothing(front: Front, said: str) -> None:
    before = set(kept(front.nginx))
    package = f"demo-{said[:4]}"
    assert front.publish(wheel(package)).status == 200
    header = {"X-Page-Validator": said}
    answer = front.request("GET", f"{INDEX}{package}/", **header)
    assert (answer.status, b"whl" in answer.body) == (200, True)
    assert "X-Page-Validator" not in answer.headers
    for path in set(kept(front.nginx)) - before:
        assert f"GET localhost {said}".encode() not in path.read_bytes()
    other = front.request("GET", "/-/health/live", **header)
    assert other.status == 200


def test_the_question_is_nobodys_to_ask(front: Front) -> None:
    answer = front.request("GET", "/_/page-validator")
    assert (answer.status, "X-Page-Validator" in answer.headers) == (403, False)


def test_one_request_is_one_line_of_the_log(front: Front) -> None:
    address = f"{INDEX}demo-logged/"
    assert front.request("GET", address).status == 404
    front.publish(wheel("demo-logged"))
    answers = [front.request("GET", address) for _ in range(2)]
    assert front.request("GET", address, Accept="image/png").status == 406

    def lines() -> list[dict[str, object]]:
        read = [json.loads(line) for line in front.server.log.splitlines() if line[:1] == "{"]
        return [line for line in read if line.get("path") == address]

    wait_for(lambda: len(lines()) >= 4)
    # Each of the processes writes its lines when it is time for it.
    assert sorted(str(line["status"]) for line in lines()) == ["204", "204", "404", "406"]
    assert {line["request_id"] for line in lines()} >= {a.headers["X-Request-Id"] for a in answers}
    assert front.nginx.access_log.count(f'"GET {address} ') == 4


def test_a_limit_is_told_of_each_request(front: Front) -> None:
    answers = [front.request("GET", PAGE) for _ in range(6)]
    told = [int(answer.headers["RateLimit-Observed"]) for answer in answers]
    # Each of the two workers counts for itself: none of the numbers comes twice from one.
    assert max(told.count(number) for number in told) <= 2
    assert len(set(told)) >= 3
    assert all(len(answer.headers.get_all("RateLimit-Limit") or []) == 1 for answer in answers)


class Changing(ThreadingHTTPServer):
    """A registry whose page changes between the question and the page."""

    told, sent = "private:old", "private:new"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.fetched = 0


class _Answering(BaseHTTPRequestHandler):
    server: Changing

    def do_GET(self) -> None:
        if self.headers["X-Page-Validator"] == "only":
            self.send_response(204)
            self.send_header("X-Page-Validator", self.server.told)
            self.end_headers()
            return
        self.server.fetched += 1
        body = self.server.sent.encode()
        self.send_response(200)
        self.send_header("X-Page-Validator", self.server.sent)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def before(front: Front, folder: Path, port: int) -> Iterator[Front]:
    """The same nginx before another server."""
    nginx = Nginx(folder / "other", front.nginx.certificates, [port], front.files)
    nginx.start()
    try:
        yield Front(nginx, front.server, front.files, front.token)
    finally:
        nginx.stop()


def test_a_page_that_changes_meanwhile_is_not_kept(front: Front, tmp_path: Path) -> None:
    with Changing() as registry:
        Thread(target=registry.serve_forever, daemon=True).start()
        with before(front, tmp_path, registry.server_address[1]) as other:
            for _ in range(2):
                assert other.request("GET", PAGE).body == b"private:new"
            assert (registry.fetched, kept(other.nginx)) == (2, [])
            registry.sent = "private:old"
            for _ in range(2):
                assert other.request("GET", PAGE).body == b"private:old"
            assert (registry.fetched, len(kept(other.nginx))) == (3, 1)
            # Nothing but the validator decides.
            registry.told = registry.sent = "private:third"
            assert other.request("GET", PAGE).body == b"private:third"
        registry.shutdown()


def test_a_registry_that_tells_no_validator(front: Front, tmp_path: Path) -> None:
    with Changing() as registry:
        registry.told = registry.sent = ""
        Thread(target=registry.serve_forever, daemon=True).start()
        with before(front, tmp_path, registry.server_address[1]) as other:
            for _ in range(2):
                assert other.request("GET", PAGE).status == 200
            assert (registry.fetched, kept(other.nginx)) == (2, [])
        registry.shutdown()


def test_without_any_host_nothing_that_is_kept_is_sent(front: Front, tmp_path: Path) -> None:
    with before(front, tmp_path, 9) as alone:
        answer = alone.request("GET", PAGE)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "10")

"""The real nginx with `deploy/nginx.conf`, before the registry as `production.ini` serves it."""

import base64
import os
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.clients.environments import OWN_COMMANDS
from tests.clients.server import PATIENCE
from tests.clients.workstation import Workstation
from tests.factories.distributions import wheel
from tests.factories.nginx import Nginx
from tests.factories.workers import wait_for
from tests.factories.world import basic
from tests.functional.fronted import UPLOAD, Front, fronted

pytestmark = pytest.mark.clients

MIB = 1024**2
WHEEL = wheel("demo-nginx")
ADDRESS = f"/demo/sandbox/-/files/{WHEEL.sha256}/{WHEEL.filename}"
TAG = f'"{WHEEL.sha256}"'
EVIL = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9;host=evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Port": "81",
    "X-Forwarded-Prefix": "/evil",
    "X-Request-Id": "evil-request",
}


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with fronted(tmp_path_factory.mktemp("nginx")) as front:
        assert front.publish(WHEEL).status == 200
        yield front


def test_publish_and_install(front: Front, tmp_path: Path) -> None:
    workstation = Workstation(tmp_path)
    distribution = wheel("demo-through-nginx")
    trust = str(front.nginx.certificates.authority)
    published = workstation.run(
        *(OWN_COMMANDS / "twine", "upload", "--repository-url", f"{front.nginx.address}{UPLOAD}"),
        *("--username", "__token__", distribution.write_to(tmp_path)),
        TWINE_PASSWORD=front.token,
        REQUESTS_CA_BUNDLE=trust,
    )
    assert published.status == 0, published.output
    index = f"https://__token__:{front.token}@localhost:{front.nginx.port}/demo/sandbox/-/simple/"
    installed = workstation.run(
        *(sys.executable, "-m", "pip", "install", "--target", tmp_path / "there"),
        *("--index-url", index, "demo-through-nginx"),
        PIP_CERT=trust,
    )
    assert installed.status == 0, installed.output
    assert (tmp_path / "there" / "demo_through_nginx" / "__init__.py").exists()


class TestFiles:
    def test_nginx_sends_what_the_registry_allows(self, front: Front) -> None:
        answer = front.request("GET", ADDRESS)
        assert (answer.status, answer.body) == (200, WHEEL.content)
        # Without nginx there would be nothing.
        assert front.server.request("GET", ADDRESS, headers=basic(front.token)).body == b""

    def test_headers_are_those_of_the_registry(self, front: Front) -> None:
        sent = front.request("GET", ADDRESS).headers
        told = front.server.request("HEAD", ADDRESS, headers=basic(front.token)).headers
        for name in (
            "ETag",
            "Vary",
            "Cache-Control",
            "Content-Type",
            "Content-Length",
            "Content-Disposition",
            "Accept-Ranges",
            "X-Content-Type-Options",
            "Content-Security-Policy",
        ):
            assert sent.get_all(name) == told.get_all(name), name
        assert "Last-Modified" not in sent
        assert len(sent.get_all("Strict-Transport-Security") or []) == 1
        assert len(sent.get_all("X-Request-Id") or []) == 1
        assert "Content-Encoding" not in sent

    @pytest.mark.parametrize(
        ("asked", "part"), [("bytes=3-5", slice(3, 6)), ("bytes=-4", slice(-4, None))]
    )
    def test_a_part(self, front: Front, asked: str, part: slice) -> None:
        answer = front.request("GET", ADDRESS, Range=asked)
        assert (answer.status, answer.body) == (206, WHEEL.content[part])
        first, last, _ = part.indices(len(WHEEL.content))
        expected = f"bytes {first}-{last - 1}/{len(WHEEL.content)}"
        assert answer.headers["Content-Range"] == expected
        assert answer.headers["ETag"] == TAG

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"If-None-Match": TAG}, 304),
            ({"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 200),
            ({"Range": "bytes=3-5", "If-Range": TAG}, 206),
            ({"Range": "bytes=3-5", "If-Range": '"other"'}, 200),
            ({"Range": "bytes=0-0,3-5"}, 200),
            ({"Range": "bytes=5-3"}, 200),
            ({"Range": "bytes=99999999-"}, 416),
            ({"If-Match": '"other"'}, 200),
        ],
    )
    def test_conditions(self, front: Front, headers: dict[str, str], status: int) -> None:
        answer = front.request("GET", ADDRESS, **headers)
        assert answer.status == status
        if status == 200:
            assert answer.body == WHEEL.content

    def test_head(self, front: Front) -> None:
        answer = front.request("HEAD", ADDRESS)
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["Content-Length"] == str(len(WHEEL.content))

    def test_nobody_gets_there_by_themselves(self, front: Front) -> None:
        sha256 = WHEEL.sha256
        path = f"/_/accel/{sha256[:2]}/{sha256[2:4]}/{sha256}"
        assert (front.files / path.removeprefix("/_/accel/")).is_file()
        assert front.request("GET", path).status == 404
        assert front.request("GET", path, **{"X-Accel-Redirect": path}).status == 404


class TestUploads:
    def test_the_registry_reads_while_the_client_sends(self, front: Front) -> None:
        before = front.server.most_memory()
        large = wheel("demo-large", files={"large/data.bin": os.urandom(64 * MIB)})

        def pieces(body: bytes) -> Iterator[bytes]:
            half = len(body) // 2
            yield body[:half]
            # Whoever waits for the whole body waits for ever here.
            incoming = front.files / "incoming"
            wait_for(lambda: any(each.stat().st_size for each in incoming.iterdir()))
            yield body[half:]

        assert front.publish(large, pieces).status == 200
        assert front.server.most_memory() - before < 24 * MIB

    def test_a_wrong_token_is_told_to_who_still_sends(self, front: Front) -> None:
        large = wheel("demo-refused", files={"large/data.bin": os.urandom(8 * MIB)})
        wrong = "Basic " + base64.b64encode(b"__token__:wrong").decode()
        answer = front.publish(large, Authorization=wrong)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"]

    def test_too_large_is_said_by_the_registry(self, front: Front) -> None:
        length = {"Content-Length": str(3 * 1024**3), "Content-Type": "multipart/form-data"}
        answer = front.request("POST", UPLOAD, iter([b"--"]), **length)
        assert answer.status == 413
        assert b"larger than the limit" in answer.body

    def test_other_bodies_are_small(self, front: Front) -> None:
        length = {"Content-Length": str(2 * MIB), "Content-Type": "application/json"}
        assert front.request("POST", "/api/v4/projects", iter([b"{"]), **length).status == 413


def test_what_a_client_says_of_itself_counts_nothing(front: Front) -> None:
    distribution = wheel("demo-forwarded")
    assert front.publish(distribution, **EVIL).status == 200
    query = "SELECT address FROM events WHERE action = 'file.pushed' AND package = ?"
    assert front.server.row(query, "demo-forwarded")["address"] == "127.0.0.1"
    answer = front.request("GET", "/demo/sandbox/-/simple?q=1", **EVIL)
    assert answer.status in {301, 302, 307, 308}
    expected = f"{front.nginx.address}/demo/sandbox/-/simple/?q=1"
    assert answer.headers["Location"] == expected
    assert answer.headers["X-Request-Id"] != "evil-request"


def test_pages_are_compressed_once_by_the_registry(front: Front) -> None:
    path = "/demo/sandbox/-/simple/demo-nginx/"
    answer = front.request("GET", path, **{"Accept-Encoding": "gzip"})
    plain = front.server.request("GET", path, headers=basic(front.token))
    assert not answer.headers["ETag"].startswith("W/")
    assert answer.headers.get_all("Content-Encoding") in (None, ["gzip"])
    assert plain.status == answer.status == 200


def test_the_log_holds_no_query_and_no_credential(front: Front) -> None:
    front.request("GET", "/demo/sandbox/-/simple/?private_token=hidden-secret")
    wait_for(lambda: '"GET /demo/sandbox/-/simple/ HTTP/1.1" ' in front.nginx.access_log)
    assert "hidden-secret" not in front.nginx.access_log
    assert front.token not in front.nginx.access_log


def test_who_does_not_encrypt_is_refused(front: Front) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as client:
        client.connect(str(front.nginx.folder / "http.socket"))
        client.sendall(b"GET /demo/ HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert b" 403 " in client.recv(1000)


def test_without_any_host_clients_may_try_again(front: Front) -> None:
    alone = Nginx(front.nginx.folder / "alone", front.nginx.certificates, [9], front.files)
    alone.start()
    try:
        answer = Front(alone, front.server, front.files, front.token).request("GET", "/")
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "10"
        assert b"Try again" in answer.body
    finally:
        alone.stop()


@pytest.mark.parametrize("path", ["/-/login", "/api/v4/projects", "/nothing", UPLOAD])
def test_strangers_who_send_slowly_hold_no_worker(front: Front, path: str) -> None:
    more_than_threads, given_up = 2 * 8 + 4, front.nginx.access_log.count(" 408 ")
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\na=b"
    context = ssl.create_default_context(cafile=front.nginx.certificates.authority)
    with ExitStack() as clients:
        for _ in range(more_than_threads):
            raw = socket.create_connection(("localhost", front.nginx.port), PATIENCE)
            slow = clients.enter_context(context.wrap_socket(raw, server_hostname="localhost"))
            slow.sendall(head.encode())
        assert front.request("GET", "/-/health/live").status == 200
        # None of them has been given up meanwhile, which would be why others are answered.
        assert front.nginx.access_log.count(" 408 ") == given_up

"""What every server with several processes does, as `pserve` starts it: gunicorn and granian.

What clients get, what stops, what a worker writes down. In what the two differ is in `Kind`.
"""

import contextlib
import json
import os
import re
import resource
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.factories.served import PATIENCE, Served, wait_until

pytestmark = pytest.mark.thorough

STOPPED_TWO = (0, "stopped\n" * 3)  # each worker, and the parent


@dataclass(frozen=True)
class Kind:
    """A server, and what it cannot do."""

    name: str
    keeps_reasons: bool = True
    # Whether a chunked body that broke off can be told from one that has ended. Where it cannot
    # be, only a body that says itself where it ends is taken.
    sees_where_chunks_end: bool = True

    def reason(self, given: str, usual: str) -> str:
        """The words beside a status that the application gave."""
        return given if self.keeps_reasons else usual


GUNICORN = Kind("gunicorn")
GRANIAN = Kind("granian", keeps_reasons=False, sees_where_chunks_end=False)


@pytest.fixture(scope="module", params=[GUNICORN, GRANIAN], ids=lambda kind: kind.name)
def kind(request):
    return request.param


@pytest.fixture
def serve(kind, tmp_path):
    started = []

    def start(*args, **kwargs):
        started.append(Served(tmp_path, *args, use=kind.name, **kwargs))
        return started[-1]

    yield start
    for served in started:
        # SIGTERM: a parent that is killed leaves its workers for a moment.
        served.process.kill()
        served.process.communicate()


@pytest.fixture(scope="module")
def running(kind, tmp_path_factory):
    """A server that no test stops."""
    folder = tmp_path_factory.mktemp("running")
    section = "client_timeout = 1\nkeep_alive = 10"
    served = Served(folder, section, use=kind.name, PYREGISTRY_DATABASE_URL="secret")
    yield served.ready()
    served.process.kill()
    served.process.communicate()


def workers_of(served):
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
    return [int(pid) for pid in children.read_text().split()]


def is_pending(pid, number):
    """Whether a signal waits until a process can handle it."""
    status = dict(
        line.split(":\t", 1)
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if ":\t" in line
    )
    return bool(int(status["ShdPnd"], 16) & 1 << (number - 1))


def peak_memory_of(pid):
    """In bytes."""
    (line,) = re.findall(r"VmHWM:\s+([0-9]+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(line) * 1024


def exchange(served, sent):
    """What comes until the server closes the connection."""
    address = ("127.0.0.1", served.port)
    with contextlib.closing(socket.create_connection(address, PATIENCE)) as client:
        answer = b""
        # What a server did not read when it closed the connection resets it.
        with contextlib.suppress(ConnectionError):
            client.sendall(sent)
            for piece in iter(partial(client.recv, 4096), b""):
                answer += piece
        return answer


def is_refused(client):
    """Whether nobody reads what is sent."""
    try:
        for _ in range(100):
            client.sendall(b"x")
            time.sleep(0.01)
    except ConnectionError:
        return True
    return False


def start_upload(served, size, *headers, path="/upload"):
    connection = served.connection()
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", str(size))
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders()
    return connection


class TestStop:
    def test_idle_server_stops_every_worker(self, serve, kind):
        served = serve().ready()
        assert served.get("/") == (200, kind.reason("A reason", "OK"), b"done")
        wait_until(lambda: len(workers_of(served)) == 2)
        served.process.send_signal(signal.SIGTERM)
        status, errors, stopped = served.end()
        assert (status, stopped) == STOPPED_TWO
        assert "Traceback" not in errors

    def test_running_request_is_finished(self, serve, tmp_path):
        served = serve("workers = 1").ready()
        with ThreadPoolExecutor() as pool:
            response = pool.submit(served.get, "/slow")
            wait_until((tmp_path / "started").exists)
            served.stop_and_wait_until_closed()
            assert served.process.poll() is None
            assert not (tmp_path / "stopped").exists()
            (tmp_path / "release").touch()
            assert response.result(PATIENCE)[::2] == (200, b"done")
        assert served.end()[0] == 0

    def test_request_that_waits_for_a_thread_is_finished(self, serve, tmp_path):
        served = serve("workers = 1\nthreads = 1").ready()
        with ThreadPoolExecutor() as pool:
            first = pool.submit(served.get, "/slow")
            wait_until((tmp_path / "started").exists)
            second = served.connection()
            second.request("GET", "/")
            served.stop_and_wait_until_closed()
            (tmp_path / "release").touch()
            assert first.result(PATIENCE)[0] == 200
            assert second.getresponse().read() == b"done"
        assert served.end()[0] == 0

    def test_upload_that_has_begun_is_received(self, serve):
        served = serve().ready()
        connection = start_upload(served, 10)
        connection.send(b"12345")
        served.stop_and_wait_until_closed()
        connection.send(b"67890")
        assert connection.getresponse().read() == b"10"
        assert served.end()[::2] == STOPPED_TWO

    def test_response_that_is_being_sent_is_sent_to_its_end(self, serve):
        served = serve().ready()
        connection = served.connection()
        connection.request("GET", "/large")
        response = connection.getresponse()
        assert response.read(1) == b"x"
        served.stop_and_wait_until_closed()
        assert len(response.read()) == 20_000_000 - 1
        assert served.end()[::2] == STOPPED_TWO

    @pytest.mark.parametrize("number", [None, signal.SIGQUIT])
    def test_what_takes_too_long_is_cut_off_and_the_rest_written_down(
        self, serve, tmp_path, number
    ):
        served = serve("workers = 1\nstop_timeout = " + ("86400" if number else "0")).ready()
        connection = served.connection()
        connection.request("GET", "/slow")
        wait_until((tmp_path / "started").exists)
        served.process.send_signal(number or signal.SIGTERM)
        status, errors, stopped = served.end()
        assert (status, stopped) == (0, "stopped\n" * 2)
        assert "requests were cut off" in errors

    def test_stop_reaches_a_worker_that_has_just_been_forked(self, serve, tmp_path):
        (tmp_path / "hold").touch()
        served = serve("workers = 1\nstop_timeout = 86400")
        wait_until((tmp_path / "booting").exists)
        (worker,) = workers_of(served)
        served.process.send_signal(signal.SIGTERM)
        wait_until(lambda: is_pending(worker, signal.SIGTERM))
        (tmp_path / "hold").unlink()
        assert served.end()[::2] == (0, "stopped\n" * 2)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
    def test_worker_that_ends_alone_is_replaced(self, serve, tmp_path, number):
        served = serve().ready()
        wait_until(lambda: len(workers_of(served)) == 2)
        first, _ = workers_of(served)
        os.kill(first, number)
        wait_until(lambda: len(set(workers_of(served)) - {first}) == 2)
        assert served.get("/")[0] == 200

    def test_hangup_replaces_every_worker(self, serve):
        served = serve().ready()
        wait_until(lambda: len(workers_of(served)) == 2)
        before = set(workers_of(served))
        served.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(set(workers_of(served)) - before) == 2)
        wait_until(lambda: not before & set(workers_of(served)))
        assert served.get("/")[0] == 200
        served.process.send_signal(signal.SIGTERM)
        status, errors, stopped = served.end()
        assert (status, stopped) == (0, "stopped\n" * 5)
        assert "Traceback" not in errors

    def test_workers_end_when_their_parent_is_killed(self, serve, tmp_path):
        served = serve().ready()
        wait_until(lambda: len(workers_of(served)) == 2)
        served.process.kill()
        wait_until(
            lambda: (
                (tmp_path / "stopped").exists()
                and (tmp_path / "stopped").read_text() == "stopped\n" * 2
            )
        )
        wait_until(lambda: not served.accepts())


class TestBodies:
    def test_refusal_reaches_a_client_that_still_sends(self, running, kind):
        connection = running.connection()
        size = 64_000_000
        connection.putrequest("POST", "/refused")
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        for _ in range(64):
            connection.send(bytes(size // 64))
        response = connection.getresponse()
        assert response.status == 413
        assert response.reason == kind.reason("Too large for us", "Payload Too Large")
        assert response.read() == b"done"

    def test_continue_is_said_when_the_application_reads(self, running):
        connection = start_upload(running, 5, ("Expect", "100-continue"))
        assert connection.sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.send(b"12345")
        assert connection.getresponse().read() == b"5"

    def test_continue_is_not_said_where_the_headers_are_refused(self, running):
        connection = running.connection()
        connection.putrequest("POST", "/refused")
        connection.putheader("Content-Length", "5")
        connection.putheader("Expect", "100-continue")
        connection.endheaders()
        head = connection.sock.recv(4096)
        assert head.startswith(b"HTTP/1.1 413 ")
        assert b"connection: close\r\n" in head.lower()

    def test_client_that_falls_silent_is_not_waited_for(self, running):
        silent = start_upload(running, 10)
        assert silent.getresponse().read() == b"broke off"

    @pytest.mark.parametrize("path", ["/upload", "/refused"])
    @pytest.mark.parametrize("chunks", [b"ZZ\r\n", b"3\r\nabcXX0\r\n\r\n", b"1;a\nb\r\n"])
    def test_chunks_that_make_no_sense(self, running, kind, path, chunks):
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        # What is missing at the end is waited for, for client_timeout.
        answer = exchange(running, head.encode() + chunks)
        expected = b" 413 " if path == "/refused" else b"broke off"
        assert (expected if kind.sees_where_chunks_end else b" 411 ") in answer
        assert answer.count(b"HTTP/1.1 ") == 1

    def test_chunks(self, running):
        head = b"POST /upload HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        head += b"Transfer-Encoding: chunked\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        answer = exchange(running, head + b"\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        assert answer.endswith(b"\r\n\r\n5")

    def test_large_body_takes_no_memory(self, serve):
        served = serve("workers = 1").ready()
        assert served.get("/")[0] == 200
        (worker,) = workers_of(served)
        before = peak_memory_of(worker)
        connection = start_upload(served, 100_000_000, path="/count")
        for _ in range(100):
            connection.send(bytes(1_000_000))
        assert connection.getresponse().read() == b"100000000"
        assert peak_memory_of(worker) - before < 20_000_000

    def test_body_that_breaks_off_holds_no_thread(self, serve):
        served = serve("workers = 1\nthreads = 1").ready()
        connection = start_upload(served, 10)
        connection.send(b"12345")
        connection.close()
        assert served.get("/")[0] == 200
        served.process.send_signal(signal.SIGTERM)
        assert "Traceback" not in served.end()[1]

    def test_lines_of_a_body(self, running):
        connection = running.connection()
        connection.request("POST", "/lines", body=b"a\n\nb")
        assert connection.getresponse().read() == b"a\n|\n|b|"

    def test_headers_that_never_end_hold_no_thread(self, serve):
        served = serve("workers = 1\nthreads = 1\nclient_timeout = 1").ready()
        with contextlib.closing(socket.create_connection(("127.0.0.1", served.port))) as silent:
            silent.sendall(b"GET / HTTP/1.1\r\nHost: a")
            assert served.get("/")[0] == 200
        served.process.send_signal(signal.SIGTERM)
        assert "Traceback" not in served.end()[1]

    def test_headers_of_proxies_reach_the_application_and_no_one_else(self, running):
        connection = running.connection()
        headers = {"X-Forwarded-For": "198.51.100.1", "X-Forwarded-Proto": "https"}
        connection.request("GET", "/forwarded", headers=headers)
        response = connection.getresponse()
        assert response.read() == b"198.51.100.1"
        assert response.headers["X-Scheme"] == "http"


class TestAnswers:
    def test_environ(self, running):
        environ = json.loads(running.get("/environ?a=%20b")[2])
        assert "secret" not in environ.values()
        assert "PATH" not in environ
        assert environ["wsgi.multiprocess"] == "True"
        assert environ["wsgi.url_scheme"] == "http"
        assert environ["SERVER_PROTOCOL"] == "HTTP/1.1"
        assert environ["SERVER_PORT"] == str(running.port)
        assert environ["REMOTE_ADDR"] == "127.0.0.1"
        assert environ["QUERY_STRING"] == "a=%20b"

    def test_path_is_decoded_once(self, running):
        answer = exchange(running, b"GET /environ/%2e%252F%C3%A9 HTTP/1.0\r\n\r\n")
        assert answer.endswith(b"done")
        connection = running.connection()
        connection.request("GET", "/enviro%6e")
        assert json.loads(connection.getresponse().read())["PATH_INFO"] == "/environ"

    @pytest.mark.parametrize(("method", "path"), [("HEAD", "/"), ("GET", "/204"), ("GET", "/304")])
    def test_answer_without_a_body(self, running, method, path):
        connection = running.connection()
        for _ in range(2):
            connection.request(method, path)
            response = connection.getresponse()
            assert response.read() == b""
        assert response.headers["ETag" if method == "GET" else "Content-Length"] in {'"a"', "4"}

    def test_head_has_nothing_after_it(self, running):
        answer = exchange(running, b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert answer.endswith(b"\r\n\r\n")

    def test_old_protocol(self, running):
        answer = exchange(running, b"GET /environ HTTP/1.0\r\n\r\n")
        assert b'"SERVER_PROTOCOL": "HTTP/1.0"' in answer
        assert b"transfer-encoding" not in answer.lower()

    def test_answer_is_closed_when_its_client_has_gone(self, serve, tmp_path):
        connection = serve("workers = 1").ready().connection()
        connection.request("GET", "/pieces")
        connection.sock.recv(1)
        connection.sock.close()
        connection.close()
        wait_until((tmp_path / "closed").exists)

    def test_answer_that_breaks_off_is_followed_by_nothing(self, running, kind):
        answer = exchange(running, b"GET /fails/after HTTP/1.1\r\nHost: a\r\n\r\n")
        # granian may close the connection before it has sent what there was.
        if answer or kind is GUNICORN:
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert answer.endswith(b"\r\n\r\nhalf")

    def test_answer_that_fails_before_it_begins(self, running, kind):
        answer = exchange(running, b"GET /fails/before HTTP/1.1\r\nHost: a\r\n\r\n")
        # granian has sent what the application said first.
        assert answer.startswith(b"HTTP/1.1 500 ") or not kind.keeps_reasons
        assert answer.count(b"HTTP/1.1") <= 1

    def test_clients_above_the_limit_are_not_kept(self, serve, kind):
        if kind is not GUNICORN:
            pytest.skip("granian counts the connections that it takes, and keeps those")
        served = serve("workers = 1\nthreads = 1\nconnection_limit = 1").ready()
        kept, next_one = served.connection(), served.connection()
        for connection in (kept, next_one):
            connection.request("GET", "/")
        answers = [connection.getresponse() for connection in (kept, next_one)]
        assert [answer.read() for answer in answers] == [b"done", b"done"]
        assert [answer.headers["Connection"] for answer in answers] == ["keep-alive", "close"]
        kept.request("GET", "/")
        assert kept.getresponse().read() == b"done"

    def test_more_clients_than_the_system_has_room_for(self, serve, kind):
        if kind is not GUNICORN:
            pytest.skip("granian accepts outside of Python")
        served = serve("workers = 1\nkeep_alive = 1").ready()
        assert served.get("/")[0] == 200
        (worker,) = workers_of(served)
        room = len(list(Path(f"/proc/{worker}/fd").iterdir())) + 5
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (room, room))
        with contextlib.ExitStack() as stack:
            for _ in range(20):
                address = ("127.0.0.1", served.port)
                stack.enter_context(socket.create_connection(address, PATIENCE))
            time.sleep(1.5)
        assert served.get("/")[0] == 200
        assert workers_of(served) == [worker]
        served.process.send_signal(signal.SIGTERM)
        status, errors, _ = served.end()
        assert status == 0
        assert "No client can connect for now: Too many open files" in errors

    def test_request_that_waits_for_a_thread_is_not_given_up(self, serve, tmp_path):
        served = serve("workers = 1\nthreads = 1\nclient_timeout = 1\nkeep_alive = 1").ready()
        waiting = served.connection()
        waiting.request("GET", "/")
        assert waiting.getresponse().read() == b"done"
        with ThreadPoolExecutor() as pool:
            slow = pool.submit(served.get, "/slow")
            wait_until((tmp_path / "started").exists)
            waiting.request("GET", "/")
            time.sleep(3)  # for longer than clients are waited for
            (tmp_path / "release").touch()
            assert slow.result(PATIENCE)[0] == 200
        assert waiting.getresponse().read() == b"done"

    @pytest.mark.parametrize(
        "sent",
        [b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
    )
    def test_client_that_was_answered_is_not_waited_for(self, running, kind, sent):
        if kind is not GUNICORN:
            pytest.skip("granian waits outside of Python, and holds no thread for it")
        address = ("127.0.0.1", running.port)
        with contextlib.closing(socket.create_connection(address, PATIENCE)) as client:
            client.sendall(sent)
            assert b"".join(iter(partial(client.recv, 4096), b"")).endswith(b"done")
            # It has nothing to send any more: the connection is closed on both ways.
            assert is_refused(client)

    def test_client_that_takes_nothing_is_not_waited_for(self, serve, tmp_path):
        connection = serve("workers = 1\nclient_timeout = 1").ready().connection()
        connection.request("GET", "/pieces")
        wait_until((tmp_path / "closed").exists)


class TestNonsense:
    SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    @pytest.mark.parametrize(
        "headers",
        [
            b"Content-Length: 40\r\nContent-Length: 0",
            b"Content-Length: +0",
            b"Content-Length: 0x0",
            b"Content-Length : 40",
            b"Transfer-Encoding : chunked",
            b"Transfer-Encoding: chunked, identity",
            b"Transfer-Encoding: \x0bchunked",
            b"A: b\r\n c: d",
            b"A\x00: b",
            b"A: b\x00c",
            b"A: b\rc",
        ],
    )
    def test_headers_that_may_mean_two_things(self, running, headers):
        head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers + b"\r\n\r\n"
        answer = exchange(running, head + self.SMUGGLED)
        assert answer.count(b"HTTP/1.1 ") <= 1
        assert b" 200 " not in answer
        assert b"HTTP/1.1 5" not in answer

    def test_length_beside_chunks(self, running):
        """Chunks count, or nothing does: the length is never believed."""
        head = b"POST /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n"
        head += b"Transfer-Encoding: chunked\r\n\r\n"
        answer = exchange(running, head + b"0\r\n\r\n" + self.SMUGGLED)
        assert b"\r\n\r\n4" not in answer
        assert answer.count(b"HTTP/1.1 ") == 1

    def test_head_without_end(self, running):
        answer = exchange(running, b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"b" * 1_000_000)
        assert b" 200 " not in answer
        assert b"HTTP/1.1 5" not in answer


class TestRefusals:
    def refused(self, served):
        status, errors, _ = served.end()
        assert status not in {0, None}
        assert "Traceback" not in errors
        return errors.strip().splitlines()[-1]

    def test_address_that_is_taken(self, serve, running):
        sentence = self.refused(serve(PORT=str(running.port)))
        assert f"Cannot listen on 127.0.0.1 port {running.port}: Address already in" in sentence

    @pytest.mark.parametrize(
        ("section", "sentence"),
        [
            ("worker = 3", "The server does not take 'worker'; it takes client_timeout, "),
            ("workers = many", "workers = 'many' is not valid: give a whole number"),
        ],
    )
    def test_server_section(self, serve, section, sentence):
        assert sentence in self.refused(serve(section))


class TestListening:
    def test_unix_socket(self, serve, tmp_path):
        path = tmp_path / "socket"
        served = serve(f"unix_socket = {path}\nunix_socket_perms = 660")

        def answered():
            assert served.process.poll() is None
            with socket.socket(socket.AF_UNIX) as client:
                if client.connect_ex(str(path)):
                    return False
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return b"".join(iter(partial(client.recv, 4096), b"")).endswith(b"done")

        wait_until(answered)
        assert path.stat().st_mode & 0o777 == 0o660

"""gunicorn as `pserve` starts it: what clients get, what stops, what a worker writes down."""

import contextlib
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.factories.served import PATIENCE, Served, wait_until

pytestmark = pytest.mark.thorough

STOPPED_TWO = (0, "stopped\n" * 3)  # each worker, and the parent


@pytest.fixture
def serve(tmp_path):
    started = []

    def start(*args, **kwargs):
        started.append(Served(tmp_path, *args, use="gunicorn", **kwargs))
        return started[-1]

    yield start
    for served in started:
        # SIGTERM: a parent that is killed leaves its workers for a moment.
        served.process.kill()
        served.process.communicate()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A server that no test stops."""
    served = Served(tmp_path_factory.mktemp("running"), "client_timeout = 1", use="gunicorn")
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


def start_upload(served, size, *headers):
    connection = served.connection()
    connection.putrequest("POST", "/upload")
    connection.putheader("Content-Length", str(size))
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders()
    return connection


class TestStop:
    def test_idle_server_stops_every_worker(self, serve):
        served = serve().ready()
        assert served.get("/") == (200, "A reason", b"done")
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
            assert response.result(PATIENCE) == (200, "A reason", b"done")
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

    def test_worker_that_is_stopped_alone_is_replaced(self, serve, tmp_path):
        served = serve().ready()
        wait_until(lambda: len(workers_of(served)) == 2)
        first, _ = workers_of(served)
        os.kill(first, signal.SIGTERM)
        wait_until((tmp_path / "stopped").exists)
        wait_until(lambda: len(set(workers_of(served)) - {first}) == 2)
        assert served.get("/")[0] == 200

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
    def test_refusal_reaches_a_client_that_still_sends(self, running):
        connection = running.connection()
        size = 64_000_000
        connection.putrequest("POST", "/refused")
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        for _ in range(64):
            connection.send(bytes(size // 64))
        response = connection.getresponse()
        assert (response.status, response.reason) == (413, "Too large for us")

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
        assert head.startswith(b"HTTP/1.1 413 Too large for us\r\n")
        assert b"Connection: close\r\n" in head

    def test_client_that_falls_silent_is_not_waited_for(self, running):
        silent = start_upload(running, 10)
        assert silent.getresponse().read() == b"broke off"

    @pytest.mark.parametrize("chunks", [b"ZZ\r\n", b"3\r\nabcXX0\r\n\r\n", b"1;a\nb\r\n"])
    @pytest.mark.parametrize(("path", "said"), [("/upload", b"broke off"), ("/refused", b" 413 ")])
    def test_chunks_that_make_no_sense(self, running, path, said, chunks):
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        address = ("127.0.0.1", running.port)
        with contextlib.closing(socket.create_connection(address, PATIENCE)) as client:
            client.sendall(head.encode() + chunks)
            client.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(partial(client.recv, 4096), b""))
        assert said in answer
        assert answer.count(b"HTTP/1.1 ") == 1

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


class TestRefusals:
    def refused(self, served):
        status, errors, _ = served.end()
        assert status not in {0, None}
        assert "Traceback" not in errors
        return errors.strip().splitlines()[-1]

    def test_address_that_is_taken(self, serve):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            sentence = self.refused(serve(PORT=str(other.getsockname()[1])))
        assert "Address already in use" in sentence

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

"""The server as `pserve` starts it: where it listens, what it refuses, how it stops."""

import signal
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from pyregistry.server import FORM_FIELDS_SIZE
from tests.factories.served import PATIENCE, Served, free_port, wait_until

pytestmark = pytest.mark.thorough


@pytest.fixture
def serve(tmp_path):
    started = []

    def start(*args, **kwargs):
        started.append(Served(tmp_path, *args, **kwargs))
        return started[-1]

    yield start
    for served in started:
        served.process.kill()
        served.process.communicate()


class TestStop:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_idle_server_stops_cleanly(self, serve, number):
        served = serve().ready()
        assert served.get("/") == (200, "A reason", b"done")
        served.process.send_signal(number)
        status, errors, stopped = served.end()
        assert (status, stopped) == (0, "stopped\n")
        assert "Traceback" not in errors

    def test_running_request_is_finished(self, serve, tmp_path):
        served = serve().ready()
        with ThreadPoolExecutor() as pool:
            response = pool.submit(served.get, "/slow")
            wait_until((tmp_path / "started").exists)
            served.stop_and_wait_until_closed()
            assert served.process.poll() is None
            assert not (tmp_path / "stopped").exists()
            (tmp_path / "release").touch()
            assert response.result(PATIENCE) == (200, "A reason", b"done")
        assert served.end()[::2] == (0, "stopped\n")

    def test_request_that_waits_for_a_thread_is_finished(self, serve, tmp_path):
        served = serve("threads = 1").ready()
        with ThreadPoolExecutor() as pool:
            first = pool.submit(served.get, "/slow")
            wait_until((tmp_path / "started").exists)
            second = served.connection()
            second.request("GET", "/")
            served.stop_and_wait_until_closed()
            (tmp_path / "release").touch()
            assert first.result(PATIENCE)[0] == 200
            assert second.getresponse().read() == b"done"
        assert served.end()[::2] == (0, "stopped\n")

    def test_upload_that_has_begun_is_received(self, serve):
        served = serve().ready()
        connection = served.connection()
        connection.putrequest("POST", "/upload")
        connection.putheader("Content-Length", "10")
        connection.endheaders(b"12345")
        served.stop_and_wait_until_closed()
        connection.send(b"67890")
        assert connection.getresponse().read() == b"10"
        assert served.end()[::2] == (0, "stopped\n")

    def test_response_that_is_being_sent_is_sent_to_its_end(self, serve):
        served = serve().ready()
        connection = served.connection()
        connection.request("GET", "/large")
        response = connection.getresponse()
        assert response.read(1) == b"x"
        served.stop_and_wait_until_closed()
        assert len(response.read()) == 20_000_000 - 1
        assert served.end()[::2] == (0, "stopped\n")

    def test_idle_connection_does_not_delay_the_stop(self, serve):
        served = serve("stop_timeout = 86400").ready()
        connection = served.connection()
        connection.request("GET", "/")
        connection.getresponse().read()
        served.process.send_signal(signal.SIGTERM)
        assert served.end()[::2] == (0, "stopped\n")

    def test_second_signal_cuts_requests_off(self, serve, tmp_path):
        served = serve("stop_timeout = 86400").ready()
        connection = served.connection()
        connection.request("GET", "/slow")
        wait_until((tmp_path / "started").exists)
        served.stop_and_wait_until_closed()
        served.process.send_signal(signal.SIGTERM)
        status, errors, stopped = served.end()
        assert (status, stopped) == (0, "stopped\n")
        assert "requests were cut off" in errors

    def test_end_of_the_stop_timeout_cuts_requests_off(self, serve, tmp_path):
        served = serve("stop_timeout = 0").ready()
        connection = served.connection()
        connection.request("GET", "/slow")
        wait_until((tmp_path / "started").exists)
        served.process.send_signal(signal.SIGTERM)
        assert served.end()[::2] == (0, "stopped\n")


class TestRefusals:
    def refused(self, served):
        status, errors, _ = served.end()
        assert status not in {0, None}
        assert "Traceback" not in errors
        return errors.strip().splitlines()[-1]

    @pytest.mark.parametrize("port", ["http", "0", "65536"])
    def test_port(self, serve, port):
        sentence = self.refused(serve(PORT=port))
        assert sentence == f"PORT = '{port}' is not valid: give a whole number from 1 to 65535."

    def test_address_that_is_taken(self, serve):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            sentence = self.refused(serve(PORT=str(port)))
        assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use" in sentence

    @pytest.mark.parametrize(
        ("section", "sentence"),
        [
            ("thread = 3", "Unknown adjustment 'thread'"),
            ("threads = many", "section of the ini file is wrong"),
            ("stop_timeout = soon", "stop_timeout = 'soon' is not valid: give seconds"),
            ("listen = *:80", "does not take 'listen'; give host and port"),
            ("trusted_proxy = *", "give pyregistry.trusted_proxies"),
            ("host = no such host", "Cannot listen on no such host"),
            ("unix_socket = /no/such/folder/socket", "Cannot listen on /no/such/folder/socket"),
        ],
    )
    def test_server_section(self, serve, section, sentence):
        assert sentence in self.refused(serve(section))

    def test_setting_of_the_application(self, serve):
        sentence = self.refused(serve(app_section="pyregistry.storage = tape"))
        assert sentence == "pyregistry.storage = 'tape' is not valid: give local or s3."


class TestListening:
    def test_environment_comes_before_the_ini(self, serve):
        served = serve(f"port = {free_port()}").ready()
        assert served.get("/")[0] == 200

    def test_port_of_the_ini(self, serve):
        port = free_port()
        served = serve(f"port = {port}", PORT="")
        served.port = port
        assert served.ready().get("/")[0] == 200

    def test_unix_socket(self, serve, tmp_path):
        path = tmp_path / "socket"
        served = serve(f"unix_socket = {path}\nunix_socket_perms = 660")

        def answered():
            assert served.process.poll() is None
            with socket.socket(socket.AF_UNIX) as client:
                if client.connect_ex(str(path)):
                    return False
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return client.makefile("rb").read().endswith(b"done")

        wait_until(answered)
        assert path.stat().st_mode & 0o777 == 0o660

    def test_headers_of_proxies_reach_the_application(self, serve):
        connection = serve().ready().connection()
        connection.request("GET", "/forwarded", headers={"X-Forwarded-For": "198.51.100.1"})
        assert connection.getresponse().read() == b"198.51.100.1"


class TestLargestBody:
    LIMIT = 1024
    REFUSED = (413, "Request Entity Too Large")

    def declared(self, served, size):
        """The answer to the headers of an upload; its body is not sent."""
        connection = served.connection()
        connection.putrequest("POST", "/upload")
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        response = connection.getresponse()
        return response.status, response.reason

    def test_follows_the_limit_on_files(self, serve):
        served = serve(app_section=f"pyregistry.upload.max_file_size = {self.LIMIT}").ready()
        largest = self.LIMIT + FORM_FIELDS_SIZE
        assert self.declared(served, largest) == self.REFUSED
        connection = served.connection()
        connection.request("POST", "/upload", body=bytes(largest - 1))
        assert connection.getresponse().read() == str(largest - 1).encode()

    def test_limit_on_files_from_the_environment(self, serve):
        served = serve(PYREGISTRY_UPLOAD_MAX_FILE_SIZE=str(self.LIMIT)).ready()
        assert self.declared(served, self.LIMIT + FORM_FIELDS_SIZE) == self.REFUSED

    def test_own_limit_of_the_server(self, serve):
        served = serve("max_request_body_size = 5").ready()
        assert self.declared(served, 5) == self.REFUSED
        connection = served.connection()
        connection.request("POST", "/upload", body=b"1234")
        assert connection.getresponse().read() == b"4"

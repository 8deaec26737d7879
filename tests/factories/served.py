"""`pserve` with a tiny application, to see what a server does."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

PATIENCE = 30  # seconds until a test that hangs is given up

# What is installed may be another checkout than the one under test.
REPOSITORY = Path(__file__).parents[2]

APPLICATION = """
import json
import time
from pathlib import Path
from pyregistry.lifecycle import on_fork, on_stop

HERE = Path(__file__).parent


def main(global_config, **settings):
    def stopped():
        with (HERE / "stopped").open("a") as log:
            log.write("stopped\\n")

    def forked():
        (HERE / "booting").touch()
        while (HERE / "hold").exists():
            time.sleep(0.01)

    on_fork(forked)
    on_stop(stopped)
    return app


class Pieces:
    def __iter__(self):
        for _ in range(200):
            yield b"x" * 100_000

    def close(self):
        (HERE / "closed").touch()


def breaks_off(before):
    if before:
        yield b"half"
    raise LookupError("the application fails")


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/slow":
        (HERE / "started").touch()
        while not (HERE / "release").exists():
            time.sleep(0.01)
    body = b"x" * 20_000_000 if path == "/large" else b"done"
    if path == "/upload":
        try:
            body = str(len(environ["wsgi.input"].read(10**9))).encode()
        except OSError:
            body = b"broke off"
            (HERE / "broke off").touch()
    if path == "/count":
        pieces = iter(lambda: environ["wsgi.input"].read(65536), b"")
        body = str(sum(map(len, pieces))).encode()
    if path == "/environ":
        body = json.dumps({key: str(value) for key, value in environ.items()}).encode()
    if path == "/lines":
        body = b"|".join([*environ["wsgi.input"].readlines(), environ["wsgi.input"].read()])
    if path in {"/204", "/304"}:
        start_response(path[1:] + " A reason", [("ETag", '"a"')])
        return []
    if path == "/pieces":
        start_response("200 A reason", [("Content-Length", "20000000")])
        return Pieces()
    if path in {"/fails/before", "/fails/after"}:
        start_response("200 A reason", [("Content-Length", "8")])
        return breaks_off(path == "/fails/after")
    if path == "/refused":
        start_response("413 Too large for us", [("Content-Length", "4")])
        return [b"done"]
    if path == "/forwarded":
        body = environ["HTTP_X_FORWARDED_FOR"].encode()
    headers = [("Content-Length", str(len(body))), ("X-Scheme", environ["wsgi.url_scheme"])]
    start_response("200 A reason", headers)
    return [body]
"""


class Served:
    """A `pserve` process in a folder of its own."""

    def __init__(
        self,
        folder: Path,
        server_section: str = "",
        app_section: str = "",
        use: str = "waitress",
        **environ: str,
    ) -> None:
        self.folder = folder
        self.port = free_port()
        (folder / "tiny_application.py").write_text(APPLICATION)
        ini = folder / "test.ini"
        ini.write_text(
            "[app:main]\npaste.app_factory = tiny_application:main\n"
            f"{textwrap.dedent(app_section)}\n"
            f"[server:main]\nuse = egg:pyregistry-server#{use}\n"
            f"{textwrap.dedent(server_section)}\n"
        )
        clean = {
            name: value
            for name, value in os.environ.items()
            if name not in {"PORT", "DATA"} and not name.startswith("PYREGISTRY_")
        }
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("pserve"), ini],
            env={
                **clean,
                "PYTHONPATH": f"{folder}{os.pathsep}{REPOSITORY}",
                "PORT": str(self.port),
                **environ,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ready(self):
        wait_until(lambda: self.process.poll() is not None or self.accepts())
        assert self.process.poll() is None, self.process.communicate()[1]
        return self

    def accepts(self):
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
        except OSError:
            return False
        return True

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def get(self, path):
        connection = self.connection()
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.reason, response.read()

    def stop_and_wait_until_closed(self):
        self.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not self.accepts())

    def end(self):
        """Exit status, standard error, and what on_stop has written."""
        _, errors = self.process.communicate(timeout=PATIENCE)
        stopped = self.folder / "stopped"
        return self.process.returncode, errors, stopped.read_text() if stopped.exists() else ""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)

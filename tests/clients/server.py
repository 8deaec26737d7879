"""A real registry: `pserve` on loopback, administered with the `pyregistry` command."""

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPMessage
from itertools import count
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from pyregistry.cli import main
from tests.clients.environments import OWN_COMMANDS
from tests.factories import uploads
from tests.factories.distributions import Distribution
from tests.factories.world import basic, fields_of

PATIENCE = 120  # seconds until a test that hangs is given up
PASSWORD = "correct horse battery staple\n"
ROLES = ("reporter", "developer", "maintainer")
GROUP = "acme"


@dataclass(frozen=True)
class Answer:
    """A response: its status, reason phrase, headers and body."""

    status: int
    reason: str
    headers: HTTPMessage
    body: bytes


class Server:
    """A registry in a folder of its own. `environ` are further settings."""

    def __init__(self, repository: Path, folder: Path, **environ: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = _free_port()
        self._ini = repository / "development.ini"
        self._settings = environ
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "home").mkdir(parents=True)

    @property
    def host(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """The address, without a slash at its end."""
        return f"http://{self.host}"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the server and of the `pyregistry` command."""
        return {
            "PATH": f"{OWN_COMMANDS}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "DATA": str(self.data),
            "PORT": str(self.port),
            # What is installed may be another checkout than the one under test.
            "PYTHONPATH": str(self._ini.parent),
            **self._settings,
        }

    def command(self, *arguments: str, stdin: str = "") -> str:
        """Run `pyregistry` with these arguments; what it prints on standard output."""
        done = subprocess.run(
            [OWN_COMMANDS / "pyregistry", "--config", self._ini, *arguments],
            env=self.environ,
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def command_here(self, *arguments: str, stdin: str = "") -> str:
        """The same as `command`, without the second that a new process takes."""
        arguments = ("--config", str(self._ini), *arguments)
        result = CliRunner(env=self.environ).invoke(main, arguments, input=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    @property
    def start_command(self) -> list[str]:
        """What starts the server."""
        return [str(OWN_COMMANDS / "pserve"), str(self._ini)]

    def start(self) -> None:
        """Start `pserve` and wait until it answers; another port where this one is taken."""
        for _ in range(5):
            if self._start_here():
                return
            assert "Cannot listen" in self.log, self.log
            self.port = _free_port()
        raise AssertionError("no port could be had")

    def start_at_its_port(self) -> None:
        """Start `pserve` at the address that was told already."""
        assert self._start_here(), self.log

    @property
    def is_started(self) -> bool:
        """Whether `pserve` was started."""
        return self._process is not None

    def stop(self) -> None:
        """End the server as an administrator does, and check that it ended well."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(PATIENCE)
        finally:
            self._process.kill()
        assert status == 0, self.log
        # Whatever clients send, nothing is a surprise.
        assert "Traceback" not in self.log, self.log

    @property
    def log(self) -> str:
        """What the server has said."""
        return self._log.read_text()

    @property
    def pid(self) -> int:
        """The id of the process that was started."""
        assert self._process is not None
        return self._process.pid

    def memory(self, kind: str = "VmHWM") -> int:
        """Bytes of memory: `VmHWM`, the most until now, or `VmRSS`, now."""
        assert self._process is not None
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith(f"{kind}:"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"no {kind} in the status of the process")

    def request(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request as it is, and read the whole answer."""
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        with closing(connection):
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.reason, response.headers, response.read())

    def namespace_id(self, path: str) -> int:
        """The number of a group or project, which no page tells yet."""
        found: int = self.row("SELECT id FROM namespaces WHERE full_path = ?", path)["id"]
        return found

    def row(self, query: str, *values: object) -> sqlite3.Row:
        """The one row that a query gives: for what nothing shows."""
        with closing(sqlite3.connect(self.data / "pyregistry.sqlite3")) as database:
            database.row_factory = sqlite3.Row
            found: sqlite3.Row = database.execute(query, values).fetchone()
            return found

    def _start_here(self) -> bool:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.start_command,
                env=self.environ,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        return self._answers()

    def _answers(self) -> bool:
        assert self._process is not None
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return True
            time.sleep(0.05)
        return False


@dataclass
class Registry:
    """A server with the group `acme` and a user, with a token, for each role in it."""

    server: Server
    tokens: dict[str, str] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def set_up(self) -> None:
        """Create what every test uses, with the command that administrators use."""
        self.server.command("setup")
        self.server.command("group", "create", GROUP)
        for role in ROLES:
            here = role != "developer"
            command = self.server.command_here if here else self.server.command
            email = f"{role}@example.org"
            command("user", "create", role, "--email", email, "--password-stdin", stdin=PASSWORD)
            command("member", "add", GROUP, role, role)
            options = ("--user", role, "--name", "tests", "--scope", "api")
            self.tokens[role] = command("token", "create", *options).strip()

    def project(self, *, group: str = GROUP, visibility: str = "private") -> "Project":
        """A new project."""
        path = f"{group}/project-{next(self._numbers)}"
        self.server.command_here("project", "create", path, "--visibility", visibility)
        return Project(self, path)

    def group(self, *, visibility: str = "private") -> str:
        """The path of a new group: in `acme` a private one, else at the top with its roles."""
        path = f"group-{next(self._numbers)}"
        if visibility == "private":
            path = f"{GROUP}/{path}"
        self.server.command_here("group", "create", path, "--visibility", visibility)
        for role in ROLES:
            self.server.command_here("member", "add", path, role, role)
        return path

    def address_for(self, role: str | None, path: str) -> str:
        """An address, with the token of somebody who has that role in it."""
        credentials = f"__token__:{self.tokens[role]}@" if role else ""
        return f"http://{credentials}{self.server.host}/{path}"


@dataclass(frozen=True)
class Project:
    """A project of its own for a test."""

    registry: Registry
    path: str

    @property
    def upload_url(self) -> str:
        """What clients publish to."""
        return f"{self.registry.server.address}/{self.path}/-/legacy/"

    @property
    def api_path(self) -> str:
        """The project in GitLab's layout, named by its path."""
        return f"api/v4/projects/{self.path.replace('/', '%2F')}"

    def index(self, role: str | None = "reporter") -> str:
        """What `--index-url` points at, with credentials."""
        return self.registry.address_for(role, f"{self.path}/-/simple/")

    def publish(self, *distributions: Distribution) -> None:
        """Publish without a client."""
        for distribution in distributions:
            content_type, body = uploads.twine(
                fields_of(distribution), distribution.filename, distribution.content
            )
            headers = {"Content-Type": content_type, **basic(self.registry.tokens["developer"])}
            path = f"/{self.path}/-/legacy/"
            answer = self.registry.server.request("POST", path, body, headers)
            assert answer.status == 200, answer

    def page(self, name: str) -> dict[str, Any]:
        """The page of a package in the project's index."""
        answer = self.api("GET", f"packages/pypi/simple/{name}/")
        assert answer.status == 200, answer
        page: dict[str, Any] = json.loads(answer.body)
        return page

    def files(self, name: str) -> dict[str, str]:
        """The SHA-256 of every file of a package that the project serves, by filename."""
        return {file["filename"]: file["hashes"]["sha256"] for file in self.page(name)["files"]}

    def api(self, method: str, path: str, **parameters: Any) -> Answer:
        """Call the JSON API as a maintainer."""
        headers = {
            "PRIVATE-TOKEN": self.registry.tokens["maintainer"],
            "Accept": "application/vnd.pypi.simple.v1+json, application/json",
            "Content-Type": "application/json",
        }
        body = json.dumps(parameters) if parameters else None
        return self.registry.server.request(method, f"/{self.api_path}/{path}", body, headers)

    def yank(self, name: str, version: str, reason: str) -> None:
        """Yank a release."""
        releases = json.loads(self.api("GET", f"packages?package_name={name}").body)
        (found,) = [release["id"] for release in releases if release["version"] == version]
        answer = self.api("PUT", f"packages/{found}", yanked=True, yanked_reason=reason)
        assert answer.status == 200, answer

    def set_status(self, name: str, status: str, reason: str) -> None:
        """Set the status of a package."""
        answer = self.api("PUT", f"packages/pypi/status/{name}", status=status, reason=reason)
        assert answer.status == 200, answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

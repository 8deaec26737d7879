"""Real servers that are watched: metrics of several processes, the log, and middleware around."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.factories.running import KillableServer
from tests.factories.workers import wait_for
from tests.functional.watched import Samples, samples_of, value

pytestmark = pytest.mark.thorough

TOKEN = "a-token-that-only-prometheus-knows"
PIPELINE = """
[app:registry]
use = egg:pyregistry-server
pyregistry.upload.max_file_size = 1 MiB
pyregistry.logs.format = json

[filter:notes]
paste.filter_factory = notes_of_mistakes:make_filter
file = %(here)s/noted.txt

[pipeline:main]
pipeline = notes registry

[server:main]
use = egg:pyregistry-server#waitress
"""
FILTER = """
def make_filter(global_config, file):
    def around(app):
        def noting(environ, start_response):
            def start(status, headers, *error):
                return start_response(status, [*headers, ("X-Seen", "yes")], *error)

            answer = app(environ, start)
            mistake = environ.get("pyregistry.exception")
            if mistake is not None:
                assert mistake.__traceback__ is not None
                with open(file, "a") as notes:
                    notes.write(f"{type(mistake).__name__}\\n")
            return answer

        return noting

    return around
"""


class PipelineServer(KillableServer):
    """A server with an ini file, and a module of its own, in its folder."""

    def __init__(self, repository: Path, folder: Path) -> None:
        super().__init__(
            repository,
            folder,
            PYTHONPATH=f"{repository}:{folder}",
            PYREGISTRY_DATA=f"{folder}/data",
        )
        self._ini = folder / "registry.ini"
        production = (repository / "production.ini").read_text()
        self._ini.write_text(PIPELINE + production[production.index("[loggers]") :])
        (folder / "notes_of_mistakes.py").write_text(FILTER)


Servers = list[KillableServer]


@pytest.fixture
def servers() -> Iterator[Servers]:
    """What the test starts; it is killed at the end."""
    started: Servers = []
    yield started
    for server in started:
        server.kill()


def read(server: KillableServer) -> Samples:
    """What Prometheus reads from one of the processes."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = server.request("GET", "/-/metrics", headers=headers)
    assert answer.status == 200
    assert answer.headers.get_content_type() == "text/plain"
    return samples_of(answer.body.decode())


def probes(samples: Samples) -> float:
    """How often load balancers have asked."""
    labels = {"view": "health.show_liveness", "method": "GET", "status": "200"}
    return value(samples, "pyregistry_requests_total", **labels)


def processes(samples: Samples) -> int:
    """How many processes tell of their memory."""
    return len([name for name, _ in samples if name == "process_resident_memory_bytes"])


def ask(server: KillableServer, times: int) -> None:
    """Ask as load balancers do."""
    for _ in range(times):
        assert server.request("GET", "/-/health/live").status == 200


def told(server: KillableServer) -> tuple[float, int, float]:
    """The probes, the processes, and the requests in progress."""
    found = read(server)
    return probes(found), processes(found), value(found, "pyregistry_requests_in_progress")


def lines_of(log: str) -> list[dict[str, Any]]:
    """The lines of a log of JSON objects; pserve itself prints some of another kind."""
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


def accesses(log: str) -> list[dict[str, Any]]:
    """The lines of requests."""
    return [line for line in lines_of(log) if line["logger"] == "pyregistry.access"]


def test_two_processes_count_together_and_one_is_killed(
    repository: Path, tmp_path: Path, servers: Servers
) -> None:
    shared = {
        "DATA": str(tmp_path / "data"),
        "PYREGISTRY_METRICS_FOLDER": str(tmp_path / "metrics"),
        "PYREGISTRY_METRICS_TOKEN": TOKEN,
        "PYREGISTRY_LOGS_FORMAT": "json",
    }
    first, second = (KillableServer(repository, tmp_path / name, **shared) for name in "ab")
    first.command_here("setup")
    for server in (first, second):
        server.start()
        servers.append(server)
    ask(first, 3)
    ask(second, 2)
    for server in servers:
        # What another process has counted is there a moment later. In progress: the scrape itself.
        wait_for(lambda server=server: told(server) == (5, 2, 1))
    second.kill()
    found = read(first)
    assert probes(found) == 5
    assert processes(found) == 1
    lines = accesses(first.log)
    assert [line["path"] for line in lines].count("/-/health/live") == 3
    assert TOKEN not in first.log + second.log


def test_middleware_around_the_registry_learns_of_mistakes(
    repository: Path, tmp_path: Path, servers: Servers
) -> None:
    server = PipelineServer(repository, tmp_path)
    # The command finds its settings in the section that the pipeline ends in.
    server.command_here("setup")
    server.command_here("group", "create", "acme", "--visibility", "public")
    server.start()
    servers.append(server)
    answer = server.request("GET", "/acme/")
    assert (answer.status, answer.headers["X-Seen"]) == (200, "yes")
    # So does the server: it refuses before anything of the body is read.
    too_large = {"Content-Length": str(66 * 1024**2)}
    assert server.request("POST", "/acme/-/legacy/", headers=too_large).status == 413
    with closing(sqlite3.connect(server.data / "pyregistry.sqlite3")) as database, database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute("UPDATE namespaces SET visibility = 'nonsense'")
    answer = server.request("GET", "/acme/")
    assert (answer.status, answer.headers["X-Seen"]) == (500, "yes")
    assert (tmp_path / "noted.txt").read_text() == "LookupError\n"
    (mistake,) = [line for line in lines_of(server.log) if line["level"] == "ERROR"]
    assert "LookupError" in mistake["traceback"]
    assert mistake["request_id"] == answer.headers["X-Request-Id"]
    # Lines of requests are written in batches.
    wait_for(lambda: [line["status"] for line in accesses(server.log)] == [200, 500])

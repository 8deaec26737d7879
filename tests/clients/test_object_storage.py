"""Real clients, and a registry as `pserve` serves it, whose files lie in a bucket."""

import http.client
import random
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.clients.checkouts import Builds
from tests.clients.environments import OWN_COMMANDS, REPOSITORY, Environments
from tests.clients.installers import Installer
from tests.clients.publishers import PUBLISHERS
from tests.clients.server import PATIENCE, Project, Registry, Server
from tests.factories.distributions import wheel
from tests.factories.faulty import FaultyS3
from tests.factories.running import KillableServer
from tests.factories.seaweedfs import SECRET_KEY, SeaweedFS, free_ports
from tests.factories.world import basic

pytestmark = pytest.mark.clients

LARGE = wheel("large", files={"large/data": random.Random(1).randbytes(5_000_000)})


@contextmanager
def running(
    folder: Path, environ: dict[str, str], kind: type[Server] = Server
) -> Iterator[Registry]:
    """A registry with these settings."""
    server = kind(REPOSITORY, folder, **environ)
    registry = Registry(server)
    registry.set_up()
    server.start()
    yield registry
    if isinstance(server, KillableServer):
        server.kill()
    else:
        server.stop()


@pytest.fixture(scope="module")
def faulty(seaweedfs: SeaweedFS) -> Iterator[FaultyS3]:
    """Sees what clients send to the service."""
    made = FaultyS3(seaweedfs.port)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def redirecting(
    seaweedfs: SeaweedFS, faulty: FaultyS3, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registry]:
    environ = seaweedfs.environ(endpoint=faulty.endpoint)
    with running(tmp_path_factory.mktemp("redirecting") / "registry", environ) as registry:
        yield registry


@pytest.fixture(scope="module")
def streaming(
    seaweedfs: SeaweedFS, faulty: FaultyS3, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registry]:
    settings = {"download": "stream", "retries": "0", "read_timeout": "1 second"}
    environ = seaweedfs.environ(endpoint=faulty.endpoint, **settings)
    folder = tmp_path_factory.mktemp("streaming") / "registry"
    # Killed at the end: a normal stop finds a traceback of the bodies that broke off.
    with running(folder, environ, KillableServer) as registry:
        yield registry


@pytest.fixture(params=["redirecting", "streaming"])
def project(request: pytest.FixtureRequest) -> Project:
    registry: Registry = request.getfixturevalue(request.param)
    return registry.project()


@pytest.mark.parametrize(
    ("publisher", "name"), [("twine 7", "Demo.Setuptools"), ("uv", "demo-hatchling")]
)
def test_publish_and_install(
    project: Project,
    installer: Installer,
    publisher: str,
    name: str,
    environments: Environments,
    builds: Builds,
    faulty: FaultyS3,
    tmp_path: Path,
) -> None:
    kind = PUBLISHERS[publisher]
    token = project.registry.tokens["developer"]
    checkout = builds.checkout(kind.package, tmp_path / "checkout")
    published = kind.publish(
        installer.workstation, environments, checkout, project.upload_url, token
    )
    assert published.status == 0, published.output
    faulty.seen.clear()
    installed = installer.install(
        "--no-deps", "--no-build-isolation", "--index-url", project.index(), kind.package
    )
    assert installed.status == 0, installed.output
    assert installer.installed(name) == "1.0"
    pulled = [seen for seen in faulty.seen if seen.method == "GET"]
    assert pulled
    reader = project.registry.tokens["reporter"]
    for seen in pulled:
        is_clients = "X-Amz-Signature=" in seen.path
        # The registry itself signs in a header; clients bring nothing but the address.
        assert ("authorization" in seen.headers) is not is_clients
        assert reader not in str(seen)
        assert basic(reader)["Authorization"] not in str(seen)


def test_a_part_by_the_redirect(redirecting: Registry) -> None:
    project = redirecting.project(visibility="private")
    project.publish(LARGE)
    path = f"/{project.path}/-/files/{LARGE.sha256}/{LARGE.filename}"
    headers = basic(redirecting.tokens["reporter"])
    answer = redirecting.server.request("GET", path, headers={**headers, "Range": "bytes=5-9"})
    assert answer.status == 302
    location = answer.headers["Location"]
    netloc, _, rest = location.removeprefix("http://").partition("/")
    with closing(http.client.HTTPConnection(netloc, timeout=PATIENCE)) as connection:
        connection.request("GET", f"/{rest}", headers={"Range": "bytes=5-9"})
        part = connection.getresponse()
        assert (part.status, part.read()) == (206, LARGE.content[5:10])


@pytest.mark.parametrize("fault", ["truncate", "stall in the body"])
def test_half_a_file_is_no_file(streaming: Registry, faulty: FaultyS3, fault: str) -> None:
    """The connection breaks: what has come is not taken for all of it."""
    project = streaming.project()
    project.publish(LARGE)
    path = f"/{project.path}/-/files/{LARGE.sha256}/{LARGE.filename}"
    headers = basic(streaming.tokens["reporter"])
    faulty.fail(fault, "GET")
    try:
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            streaming.server.request("GET", path, headers=headers)
    finally:
        faulty.heal()
    assert streaming.server.request("GET", path, headers=headers).body == LARGE.content


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"bucket": "nowhere"}, "The S3 service has no bucket nowhere: create it, or set"),
        ({"secret_key": "wrong"}, "The S3 service does not let these credentials"),
        ({"endpoint": "http://127.0.0.1:1"}, "it cannot be reached"),
    ],
)
def test_what_is_wrong_is_said_at_the_start(
    seaweedfs: SeaweedFS,
    redirecting: Registry,
    tmp_path: Path,
    wrong: dict[str, str],
    sentence: str,
) -> None:
    environ = {
        **redirecting.server.environ,
        **seaweedfs.environ(retries="0", **wrong),
        "PORT": str(free_ports(1)[0]),
    }

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            [str(part) for part in command],
            env=environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
        assert SECRET_KEY not in done.stderr
        return done.stderr

    ini = REPOSITORY / "development.ini"
    assert sentence in run(OWN_COMMANDS / "pyregistry", "--config", ini, "setup")
    said = run(OWN_COMMANDS / "pserve", ini)
    assert said.strip().startswith("pyregistry: The S3 service")

"""A server for each test process, a project for each test, and the clients."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.checkouts import Builds
from tests.clients.environments import REPOSITORY, Environments
from tests.clients.installers import KINDS, Installer
from tests.clients.server import Project, Registry, Server
from tests.clients.workstation import Workstation


@pytest.fixture(scope="session")
def environments(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Environments:
    """The virtual environments of the clients, kept from run to run."""
    kept = pytestconfig.cache.mkdir("client-environments")
    return Environments(kept, tmp_path_factory.mktemp("environments"))


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry that runs while this process tests."""
    server = Server(REPOSITORY, tmp_path_factory.mktemp("registry"))
    registry = Registry(server)
    registry.set_up()
    server.start()
    yield registry
    server.stop()


@pytest.fixture
def project(registry: Registry) -> Project:
    """A private project that no other test uses."""
    return registry.project()


@pytest.fixture
def workstation(tmp_path: Path) -> Workstation:
    """Where the clients run."""
    return Workstation(tmp_path)


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    """The projects in `projects/`, each built once."""
    return Builds(tmp_path_factory.mktemp("builds"))


@pytest.fixture(params=KINDS)
def installer(
    request: pytest.FixtureRequest, environments: Environments, workstation: Workstation
) -> Installer:
    """Every client that installs."""
    return Installer.new(request.param, environments, workstation)

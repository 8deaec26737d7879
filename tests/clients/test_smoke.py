"""Publishing and installing on SQLite and on PostgreSQL."""

from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.clients.checkouts import Builds
from tests.clients.environments import REPOSITORY, Environments
from tests.clients.installers import Installer
from tests.clients.publishers import PUBLISHERS
from tests.clients.server import Registry, Server
from tests.clients.workstation import Workstation

pytestmark = pytest.mark.clients


def test_publish_and_install(
    database_url: URL,
    workstation: Workstation,
    environments: Environments,
    builds: Builds,
    tmp_path: Path,
):
    address = database_url.render_as_string(hide_password=False)
    server = Server(REPOSITORY, tmp_path / "registry", PYREGISTRY_DATABASE_URL=address)
    registry = Registry(server)
    registry.set_up()
    server.start()
    try:
        project = registry.project()
        publisher = PUBLISHERS["twine 7"]
        checkout = builds.checkout(publisher.package, tmp_path / "checkout")
        published = publisher.publish(
            workstation, environments, checkout, project.upload_url, registry.tokens["developer"]
        )
        assert published.status == 0, published.output
        installer = Installer.new("pip newest", environments, workstation)
        installed = installer.install("--index-url", project.index(), publisher.package)
        assert installed.status == 0, installed.output
        assert installer.installed("Demo.Setuptools") == "1.0"
    finally:
        server.stop()

"""Tokens that are no person's, where clients keep them: addresses, netrc, keyrings, settings."""

from pathlib import Path

import pytest

from tests.clients.checkouts import Builds, Checkout
from tests.clients.environments import OWN_COMMANDS
from tests.clients.installers import Installer
from tests.clients.publishers import PUBLISHERS
from tests.clients.server import Project
from tests.factories.distributions import wheel

pytestmark = pytest.mark.clients

USERNAME = "shipper"
NAME = "demo-tokens"
KEYRING = """#!/bin/sh
test "$*" = "--mode=creds --output=json get {service} {username}" || exit 1
echo '{{"username": "{username}", "password": "{token}"}}'
"""
"""What pip runs with `--keyring-provider subprocess`."""

only_pip = pytest.mark.parametrize("installer", ["pip newest"], indirect=True)


def deploy_token(project: Project, *scopes: str) -> str:
    options = [option for scope in scopes for option in ("--scope", f"{scope}_package_registry")]
    return project.registry.server.command_here(
        *("token", "create", "--project", project.path, "--deploy", "--username", USERNAME),
        *("--name", "tests", *options),
    ).strip()


@pytest.fixture
def checkout(builds: Builds, tmp_path: Path) -> Checkout:
    return builds.checkout("demo-setuptools", tmp_path / "checkout")


@pytest.fixture
def published(project: Project) -> Project:
    """A project with a wheel."""
    project.publish(wheel(NAME))
    return project


def check_installs(installer: Installer, index: str, *options: str, **environ: str) -> None:
    outcome = installer.install("--index-url", index, *options, NAME, **environ)
    assert outcome.status == 0, outcome.output
    assert installer.installed(NAME) == "1.0"


@pytest.mark.parametrize("installer", ["pip newest", "uv"], indirect=True)
def test_a_deploy_token_in_the_address(installer: Installer, published: Project):
    token = deploy_token(published, "read")
    index = published.index(role=None).replace("://", f"://{USERNAME}:{token}@")
    check_installs(installer, index)


@only_pip
def test_a_deploy_token_in_netrc(installer: Installer, published: Project):
    token = deploy_token(published, "read")
    netrc = installer.workstation.write(
        ".netrc", f"machine 127.0.0.1\nlogin {USERNAME}\npassword {token}\n"
    )
    check_installs(installer, published.index(role=None), NETRC=str(netrc))


@only_pip
def test_a_deploy_token_in_a_keyring(installer: Installer, published: Project):
    index = published.index(role=None).replace("://", f"://{USERNAME}@")
    script = KEYRING.format(
        service=published.index(role=None), username=USERNAME, token=deploy_token(published, "read")
    )
    keyring = installer.workstation.write("bin/keyring", script)
    keyring.chmod(0o700)
    path = f"{keyring.parent}:{installer.workstation.environ['PATH']}"
    check_installs(installer, index, "--keyring-provider", "subprocess", PATH=path)


@only_pip
def test_a_deploy_token_with_another_user_name(installer: Installer, published: Project):
    token = deploy_token(published, "read")
    index = published.index(role=None).replace("://", f"://somebody:{token}@")
    outcome = installer.install("--index-url", index, NAME)
    assert outcome.status != 0
    assert installer.installed(NAME) is None


def test_twine_publishes_with_an_access_token(
    workstation, environments, project: Project, checkout: Checkout
):
    token = project.registry.server.command_here(
        *("token", "create", "--project", project.path, "--role", "developer"),
        *("--name", "tests", "--scope", "api"),
    ).strip()
    outcome = PUBLISHERS["twine 7"].publish(
        workstation, environments, checkout, project.upload_url, token
    )
    assert outcome.status == 0, outcome.output
    assert set(project.files("demo-setuptools")) == checkout.filenames


@pytest.mark.parametrize("named", [True, False])
def test_uv_publishes_with_a_deploy_token(
    workstation, project: Project, checkout: Checkout, named: bool
):
    token = deploy_token(project, "write")
    credentials = {"UV_PUBLISH_TOKEN": token}
    if named:
        credentials = {"UV_PUBLISH_USERNAME": USERNAME, "UV_PUBLISH_PASSWORD": token}
    outcome = workstation.run(
        *(OWN_COMMANDS / "uv", "publish", "--publish-url", project.upload_url),
        *checkout.distributions,
        **credentials,
    )
    assert outcome.status == 0, outcome.output
    assert set(project.files("demo-setuptools")) == checkout.filenames


def test_a_reading_deploy_token_is_told_why_it_cannot_publish(
    workstation, environments, project: Project, checkout: Checkout
):
    token = deploy_token(project, "read")
    outcome = PUBLISHERS["twine 7"].publish(
        workstation, environments, checkout, project.upload_url, token
    )
    assert outcome.status != 0
    assert "this needs one with the scope write_package_registry" in outcome.output

"""What only twine or only uv does when it publishes."""

from pathlib import Path

import pytest

from tests.clients.checkouts import Builds, Checkout
from tests.clients.environments import OWN_COMMANDS, Environments
from tests.clients.publishers import PUBLISHERS
from tests.clients.server import Project
from tests.clients.workstation import Workstation

pytestmark = pytest.mark.clients


@pytest.fixture
def checkout(builds: Builds, tmp_path: Path) -> Checkout:
    return builds.checkout("demo-setuptools", tmp_path / "checkout")


def pypirc(url: str, token: str) -> str:
    return (
        "[distutils]\nindex-servers = ours\n\n"
        f"[ours]\nrepository = {url}\nusername = __token__\npassword = {token}\n"
    )


def addresses(project: Project) -> list[str]:
    server = project.registry.server
    number = server.namespace_id(project.path)
    paths = [
        f"{project.path}/-/legacy/",
        f"{project.path}/-/legacy",
        f"api/v4/projects/{number}/packages/pypi",
        f"api/v4/projects/{number}/packages/pypi/",
        f"{project.api_path}/packages/pypi",
    ]
    return [f"{server.address}/{path}" for path in paths]


@pytest.mark.parametrize("place", range(5))
def test_every_address_takes_uploads(workstation, environments, project, checkout, place):
    url = addresses(project)[place]
    token = project.registry.tokens["developer"]
    outcome = PUBLISHERS["twine 7"].publish(workstation, environments, checkout, url, token)
    assert outcome.status == 0, outcome.output
    assert set(project.files("demo-setuptools")) == checkout.filenames


@pytest.mark.parametrize("version", ["twine 7", "twine 6.1"])
def test_twine_reads_its_configuration(
    workstation: Workstation,
    environments: Environments,
    project: Project,
    checkout: Checkout,
    version: str,
):
    name = PUBLISHERS[version].environment
    twine = (environments.commands(name) if name else OWN_COMMANDS) / "twine"
    workstation.write(".pypirc", pypirc(project.upload_url, project.registry.tokens["developer"]))
    outcome = workstation.run(twine, "upload", "--repository", "ours", *checkout.distributions)
    assert outcome.status == 0, outcome.output
    assert set(project.files("demo-setuptools")) == checkout.filenames


def test_twine_tries_a_refused_upload_once(workstation, environments, project, checkout):
    token = project.registry.tokens["reporter"]
    outcome = PUBLISHERS["twine 7"].publish(
        workstation, environments, checkout, project.upload_url, token
    )
    assert outcome.output.count("Uploading demo_setuptools") == 1
    assert "Retry 1" not in outcome.output


def test_twine_7_does_not_skip_existing(workstation, environments, project, checkout):
    """twine 7 refuses the option for every index but one; the registry is not even asked."""
    outcome = PUBLISHERS["twine 7"].publish(
        workstation,
        environments,
        checkout,
        project.upload_url,
        project.registry.tokens["developer"],
        "--skip-existing",
    )
    assert outcome.status != 0
    assert "skip-existing" in outcome.output


class TestCheckURL:
    """`uv publish --check-url`, by which uv skips what the index has."""

    def publish(self, workstation, project, checkout):
        return workstation.run(
            OWN_COMMANDS / "uv",
            "publish",
            "--publish-url",
            project.upload_url,
            "--check-url",
            project.index("developer"),
            *checkout.distributions,
            UV_PUBLISH_TOKEN=project.registry.tokens["developer"],
        )

    def test_new_files_are_published(self, workstation, project, checkout):
        outcome = self.publish(workstation, project, checkout)
        assert outcome.status == 0, outcome.output
        assert set(project.files("demo-setuptools")) == checkout.filenames

    def test_files_that_exist_are_skipped(self, workstation, project, checkout):
        self.publish(workstation, project, checkout)
        outcome = self.publish(workstation, project, checkout)
        assert outcome.status == 0, outcome.output
        assert outcome.output.count("already exists, skipping") == 2
        assert "Uploading" not in outcome.output

    def test_other_bytes_are_an_error(self, workstation, project, checkout, builds, tmp_path):
        self.publish(workstation, project, checkout)
        changed = builds.checkout("demo-setuptools", tmp_path / "changed", changed=True)
        before = project.files("demo-setuptools")
        outcome = self.publish(workstation, project, changed)
        assert outcome.status != 0
        assert "Local file and index file do not match" in outcome.output
        assert project.files("demo-setuptools") == before


def test_uv_publishes_with_a_user_name_and_a_token(workstation, project, checkout):
    outcome = workstation.run(
        OWN_COMMANDS / "uv",
        "publish",
        "--publish-url",
        project.upload_url,
        *checkout.distributions,
        UV_PUBLISH_USERNAME="developer",
        UV_PUBLISH_PASSWORD=project.registry.tokens["developer"],
    )
    assert outcome.status == 0, outcome.output
    assert set(project.files("demo-setuptools")) == checkout.filenames

"""What a job of a continuous integration system does: ask for a token, publish, install."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, update
from webtest import TestApp

from pyregistry.authnz.roles import Role
from pyregistry.tokens.models import Token
from tests.clients.checkouts import Builds, Checkout
from tests.clients.environments import OWN_COMMANDS
from tests.clients.installers import Installer
from tests.clients.server import Answer, Project, Registry
from tests.clients.workstation import Outcome, Workstation
from tests.factories.distributions import wheel
from tests.factories.world import Clock, World, basic, new_components

pytestmark = pytest.mark.clients

FACTS = {
    "pipeline_id": 4711,
    "pipeline_url": "https://ci.example/p/4711",
    "job_id": 99,
    "ref": "main",
    "user": "ada",
}


@dataclass(frozen=True)
class Jobs:
    """Lets the jobs of a project in, with the project's access token."""

    project: Project
    world: World
    """The registry's own database: no command makes access tokens yet."""

    def ask(self, **facts: Any) -> Answer:
        """Ask for a job token, as a script with curl does."""
        secret = self.world.access_token(self.project.path, Role.MAINTAINER)
        headers = {"PRIVATE-TOKEN": secret, "Content-Type": "application/json"}
        path = f"/{self.project.api_path}/job_tokens"
        return self.project.registry.server.request("POST", path, json.dumps(facts), headers)

    def token(self, **facts: Any) -> str:
        """A new job token."""
        answer = self.ask(**facts)
        assert answer.status == 201, answer
        secret: str = json.loads(answer.body)["token"]
        return secret

    def let_all_expire(self) -> None:
        """Put the end of every job token into the past."""
        with self.world.components.database.writing() as session:
            past = datetime.now(UTC) - timedelta(seconds=1)
            session.execute(update(Token).where(Token.kind == "job_token").values(expires_at=past))


@pytest.fixture
def jobs(registry: Registry, project: Project) -> Iterator[Jobs]:
    data = registry.server.data
    clock = Clock(datetime.now(UTC))
    url = URL.create("sqlite", database=str(data / "pyregistry.sqlite3"))
    components = new_components(url, data, clock)
    yield Jobs(project, World(components, clock, TestApp(None)))
    components.database.dispose()


@pytest.fixture
def checkout(builds: Builds, tmp_path: Path) -> Checkout:
    return builds.checkout("demo-setuptools", tmp_path / "checkout")


def twine(workstation: Workstation, checkout: Checkout, url: str, token: str) -> Outcome:
    """Publish as GitLab's documentation has it."""
    return workstation.run(
        OWN_COMMANDS / "twine",
        "upload",
        "--non-interactive",
        "--disable-progress-bar",
        "--repository-url",
        url,
        "-u",
        "gitlab-ci-token",
        "-p",
        token,
        *checkout.distributions,
    )


def index_of(project: Project, token: str) -> str:
    """The project's index, with a job token for the password."""
    return f"http://gitlab-ci-token:{token}@{project.registry.server.host}/{project.path}/-/simple/"


@pytest.mark.parametrize("place", ["legacy", "GitLab"])
def test_twine_publishes_and_files_carry_the_build(workstation, jobs, checkout, place):
    project = jobs.project
    gitlab = f"{project.registry.server.address}/{project.api_path}/packages/pypi"
    url = project.upload_url if place == "legacy" else gitlab
    outcome = twine(workstation, checkout, url, jobs.token(**FACTS))
    assert outcome.status == 0, outcome.output
    assert set(project.files("demo-setuptools")) == checkout.filenames
    (release,) = json.loads(project.api("GET", "packages").body)
    pipeline = release["pipeline"]
    assert (pipeline["id"], pipeline["ref"], pipeline["job_id"]) == (4711, "main", 99)
    assert pipeline["user"]["username"] == "ada"
    files = json.loads(project.api("GET", f"packages/{release['id']}/package_files").body)
    assert [file["pipelines"] for file in files] == [[pipeline]] * len(checkout.filenames)


def test_uv_publishes(workstation, jobs, checkout):
    outcome = workstation.run(
        OWN_COMMANDS / "uv",
        "publish",
        "--publish-url",
        jobs.project.upload_url,
        *checkout.distributions,
        UV_PUBLISH_USERNAME="gitlab-ci-token",
        UV_PUBLISH_PASSWORD=jobs.token(),
    )
    assert outcome.status == 0, outcome.output
    assert set(jobs.project.files("demo-setuptools")) == checkout.filenames


def test_installing(installer: Installer, jobs: Jobs):
    jobs.project.publish(wheel("demo", "1.0"))
    outcome = installer.install("--index-url", index_of(jobs.project, jobs.token()), "demo")
    assert outcome.status == 0, outcome.output
    assert installer.installed("demo") == "1.0"


def test_another_project_is_not_there(workstation, jobs, checkout):
    other = jobs.project.registry.project()
    outcome = twine(workstation, checkout, other.upload_url, jobs.token())
    assert outcome.status != 0
    assert "404" in outcome.output
    assert json.loads(other.api("GET", "packages").body) == []


def test_nothing_works_after_the_end(installer: Installer, workstation, jobs, checkout):
    jobs.project.publish(wheel("demo", "1.0"))
    token = jobs.token()
    jobs.let_all_expire()
    outcome = twine(workstation, checkout, jobs.project.upload_url, token)
    assert outcome.status != 0
    assert "401" in outcome.output
    assert token not in outcome.output
    outcome = installer.install("--index-url", index_of(jobs.project, token), "demo")
    assert outcome.status != 0
    assert installer.installed("demo") is None


def test_a_job_changes_nothing(jobs):
    project = jobs.project
    project.publish(wheel("demo", "1.0"))
    (release,) = json.loads(project.api("GET", "packages").body)
    headers = basic(jobs.token(), "gitlab-ci-token")
    for method, path in (
        ("DELETE", f"packages/{release['id']}"),
        ("PUT", f"packages/{release['id']}"),
        ("GET", "members"),
    ):
        answer = project.registry.server.request(
            method, f"/{project.api_path}/{path}", "{}", headers
        )
        assert answer.status == 403, answer
    assert list(project.files("demo")) == ["demo-1.0-py3-none-any.whl"]


def test_what_is_wrong_is_named(jobs):
    answer = jobs.ask(pipeline_url="javascript:alert(1)")
    assert answer.status == 400
    assert "pipeline_url" in json.loads(answer.body)["message"]

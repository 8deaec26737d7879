"""What the page of an empty project tells to copy: it is copied from there, and works."""

import json
import os
import shutil
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from tests.clients.checkouts import Builds, Checkout
from tests.clients.environments import OWN_COMMANDS
from tests.clients.server import Project
from tests.clients.workstation import Outcome, Workstation
from tests.factories.world import basic

pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl"),
]

PACKAGE = "demo-setuptools"
JOB = {
    "CI_PIPELINE_ID": "4711",
    "CI_PIPELINE_URL": "https://ci.example/p/4711",
    "CI_JOB_ID": "99",
    "CI_COMMIT_REF_NAME": "v1.0",
    "CI_COMMIT_SHA": "c0ffee" + "0" * 34,
    "GITLAB_USER_LOGIN": "ada",
    "CI_PROJECT_URL": "https://ci.example/acme/core",
}
"""What GitLab tells a job of itself."""


@pytest.fixture
def checkout(builds: Builds, tmp_path: Path) -> Checkout:
    return builds.checkout(PACKAGE, tmp_path / "checkout")


def copied(project: Project, way: str) -> list[str]:
    """What the page of the project has for one way to publish."""
    headers = {"Accept": "text/html", **basic(project.registry.tokens["maintainer"])}
    answer = project.registry.server.request("GET", f"/{project.path}/", None, headers)
    page = BeautifulSoup(answer.body, "html.parser")
    (found,) = [each for each in page.find_all("details") if each.summary.text == way]
    return [code.get_text() for code in found.select("pre code")]


def in_shell(workstation: Workstation, checkout: Checkout, *lines: str, **environ: str) -> Outcome:
    """Run lines as a person or a job does, in the folder of the checkout."""
    script = "\n".join(("set -eo pipefail", *lines))
    path = f"{OWN_COMMANDS}{os.pathsep}{os.environ['PATH']}"
    return workstation.run(
        *("bash", "-c", script), folder=checkout.folder, **{"PATH": path, **environ}
    )


def script_of(file: str) -> list[str]:
    """The lines of a job of GitLab, without those that install and build."""
    lines: list[str] = yaml.safe_load(file)["publish"]["script"]
    return [line for line in lines if not line.startswith(("pip install", "python -m build"))]


def created(project: Project, kind: str, **parameters: object) -> str:
    """A new token of the project, made by a maintainer."""
    answer = project.api("POST", kind, name="ci", **parameters)
    assert answer.status == 201, answer
    token: str = json.loads(answer.body)["token"]
    return token


def check_published(outcome: Outcome, project: Project, checkout: Checkout) -> None:
    assert outcome.status == 0, outcome.output
    assert set(project.files(PACKAGE)) == checkout.filenames


def test_twine(workstation: Workstation, project: Project, checkout: Checkout) -> None:
    _, command = copied(project, "twine")
    token = project.registry.tokens["developer"]
    # Without a terminal twine cannot ask for it.
    outcome = in_shell(workstation, checkout, command, TWINE_PASSWORD=token)
    check_published(outcome, project, checkout)


def test_uv(workstation: Workstation, project: Project, checkout: Checkout) -> None:
    _, command = copied(project, "uv")
    command = command.replace("YOUR_TOKEN", project.registry.tokens["developer"])
    check_published(in_shell(workstation, checkout, command), project, checkout)


def test_pypirc(workstation: Workstation, project: Project, checkout: Checkout) -> None:
    pypirc, _ = copied(project, "setup.py upload")
    workstation.write(".pypirc", pypirc.replace("YOUR_TOKEN", project.registry.tokens["developer"]))
    outcome = in_shell(workstation, checkout, "twine upload -r registry dist/*")
    check_published(outcome, project, checkout)


def test_gitlab_ci_with_a_deploy_token(
    workstation: Workstation, project: Project, checkout: Checkout
) -> None:
    file, _ = copied(project, "GitLab CI")
    token = created(project, "deploy_tokens", scopes=["write_package_registry"])
    outcome = in_shell(workstation, checkout, *script_of(file), REGISTRY_TOKEN=token)
    check_published(outcome, project, checkout)


def test_gitlab_ci_with_a_job_token(
    workstation: Workstation, project: Project, checkout: Checkout
) -> None:
    _, file = copied(project, "GitLab CI")
    token = created(project, "access_tokens", scopes=["api"], access_level=40)
    outcome = in_shell(workstation, checkout, *script_of(file), REGISTRY_ACCESS_TOKEN=token, **JOB)
    check_published(outcome, project, checkout)
    (release,) = json.loads(project.api("GET", "packages").body)
    assert (release["pipeline"]["id"], release["pipeline"]["ref"]) == (4711, "v1.0")


def test_gitlab_ci_without_a_job_token_fails(
    workstation: Workstation, project: Project, checkout: Checkout
) -> None:
    _, file = copied(project, "GitLab CI")
    outcome = in_shell(
        workstation, checkout, *script_of(file), REGISTRY_ACCESS_TOKEN="pyrprt_wrong", **JOB
    )
    assert outcome.status != 0
    assert json.loads(project.api("GET", "packages").body) == []


def test_github_actions_with_a_deploy_token(
    workstation: Workstation, project: Project, checkout: Checkout
) -> None:
    (file,) = copied(project, "GitHub Actions")
    last = yaml.safe_load(file)["jobs"]["publish"]["steps"][-1]
    token = created(project, "deploy_tokens", scopes=["write_package_registry"])
    secrets = {"${{ secrets.REGISTRY_TOKEN }}": token}
    environ = {name: secrets[value] for name, value in last["env"].items()}
    outcome = in_shell(workstation, checkout, last["run"], **environ)
    check_published(outcome, project, checkout)

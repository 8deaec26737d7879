"""The command `gitlab` that python-gitlab brings, as scripts run it."""

import json
from typing import Any

import pytest

from tests.clients.environments import OWN_COMMANDS
from tests.clients.python_gitlab.company import Company
from tests.clients.workstation import Outcome, Workstation
from tests.factories.distributions import wheel

pytestmark = pytest.mark.clients


class Command:
    """Runs `gitlab` as a user of the company."""

    def __init__(self, company: Company, workstation: Workstation, who: str) -> None:
        self._workstation = workstation
        workstation.write(
            "python-gitlab.cfg",
            f"[global]\ndefault = ours\n\n[ours]\nurl = {company.server.address}\n"
            f"private_token = {company.token(who)}\n",
        )

    def run(self, *arguments: object) -> Outcome:
        """How the command ended."""
        return self._workstation.run(
            *(
                OWN_COMMANDS / "gitlab",
                "--config-file",
                self._workstation.home / "python-gitlab.cfg",
            ),
            *(str(argument) for argument in arguments),
        )

    def json(self, *arguments: object) -> Any:
        """What the command printed."""
        outcome = self.run("--output", "json", *arguments)
        assert outcome.status == 0, outcome.output
        return json.loads(outcome.output)


@pytest.fixture
def gitlab(company: Company, workstation: Workstation) -> Command:
    """The command, run by an owner."""
    return Command(company, workstation, "owner")


def test_who_am_i(company: Company, gitlab: Command):
    assert gitlab.json("current-user", "get")["username"] == company.username("owner")


def test_a_project_and_its_packages(company: Company, gitlab: Command):
    company.publish(wheel("demo"))
    project = gitlab.json("project", "get", "--id", company.core)
    assert project["path_with_namespace"] == company.core
    (package,) = gitlab.json("project-package", "list", "--project-id", project["id"], "--get-all")
    assert (package["name"], package["version"]) == ("demo", "1.0")
    options = ("--project-id", project["id"], "--package-id", package["id"])
    (file,) = gitlab.json("project-package-file", "list", *options)
    assert file["file_name"] == "demo-1.0-py3-none-any.whl"
    outcome = gitlab.run(
        "project-package", "delete", "--project-id", project["id"], "--id", package["id"]
    )
    assert outcome.status == 0, outcome.output
    assert gitlab.json("project-package", "list", "--project-id", project["id"]) == []


def test_forms_of_the_command_line(company: Company, gitlab: Command):
    """It sends every value as a text, numbers and truth values too."""
    member = gitlab.json(
        *("group-member", "create", "--group-id", company.path, "--access-level", 30),
        *("--user-id", company.user_id("stranger")),
    )
    assert (member["id"], member["access_level"]) == (company.user_id("stranger"), 30)
    project = gitlab.json(
        *("project", "update", "--id", company.core, "--packages-enabled", "false"),
    )
    assert project["packages_enabled"] is False
    token = gitlab.json(
        *("project-access-token", "create", "--project-id", company.core, "--name", "ci"),
        *("--scopes", "api,read_api", "--access-level", 30),
    )
    assert (token["scopes"], token["access_level"]) == (["api", "read_api"], 30)
    assert token["token"]


def test_a_refusal_is_shown(company: Company, gitlab: Command):
    outcome = gitlab.run("project", "get", "--id", f"{company.path}/absent")
    assert outcome.status == 1
    assert "404" in outcome.output

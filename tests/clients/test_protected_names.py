"""What twine and uv show where the name of a package is protected or reserved."""

import json
from pathlib import Path

import pytest

from tests.clients.checkouts import Builds, Checkout
from tests.clients.environments import Environments
from tests.clients.publishers import PUBLISHERS
from tests.clients.server import Project
from tests.clients.workstation import Outcome, Workstation
from tests.factories.world import basic

pytestmark = pytest.mark.clients

CLIENTS = ["twine 7", "uv"]
REFUSED = "A rule protects the names 'demo-*' here: only a Maintainer or an Owner can push"


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def checkout(builds: Builds, tmp_path: Path, client: str) -> Checkout:
    return builds.checkout(PUBLISHERS[client].package, tmp_path / "checkout")


def published(
    workstation: Workstation,
    environments: Environments,
    project: Project,
    checkout: Checkout,
    client: str,
    role: str,
) -> Outcome:
    token = project.registry.tokens[role]
    return PUBLISHERS[client].publish(
        workstation, environments, checkout, project.upload_url, token
    )


def said(outcome: Outcome) -> str:
    """What the client printed, without the lines and frames that it breaks it into."""
    return " ".join(outcome.output.replace("\N{BOX DRAWINGS LIGHT VERTICAL}", " ").split())


def test_a_protected_name(workstation, environments, project, checkout, client):
    parameters = {
        "package_name_pattern": "demo_*",
        "minimum_access_level_for_push": "maintainer",
    }
    assert project.api("POST", "packages/protection/rules", **parameters).status == 201
    outcome = published(workstation, environments, project, checkout, client, "developer")
    assert outcome.status != 0
    assert REFUSED in said(outcome)
    outcome = published(workstation, environments, project, checkout, client, "maintainer")
    assert outcome.status == 0, outcome.output


def test_a_reserved_name(workstation, environments, registry, checkout, client):
    group = registry.group()
    home, project = registry.project(group=group), registry.project(group=group)
    wanted = {"prefix": "demo", "project_paths": [home.path]}
    answer = registry.server.request(
        "POST",
        f"/api/v4/groups/{group.replace('/', '%2F')}/reserved_prefixes",
        json.dumps(wanted),
        {"Content-Type": "application/json", **basic(registry.tokens["maintainer"])},
    )
    assert answer.status == 201, answer
    outcome = published(workstation, environments, project, checkout, client, "maintainer")
    assert outcome.status != 0
    assert f"The prefix 'demo' is reserved in the group '{group}'" in said(outcome)
    outcome = published(workstation, environments, home, checkout, client, "developer")
    assert outcome.status == 0, outcome.output

"""PyPI's JSON API, read by qypi."""

import json
from typing import Any

import pytest

from tests.clients.environments import Environments
from tests.clients.server import Project
from tests.clients.workstation import Workstation
from tests.factories.distributions import sdist, wheel

pytestmark = pytest.mark.clients


@pytest.mark.parametrize("scope", ["project", "group", "instance"])
def test_qypi_reads_everything(
    environments: Environments, workstation: Workstation, project: Project, scope: str
) -> None:
    name = f"Demo.Package-{scope}"  # other tests publish into the same instance
    first = sdist(name, "1.0", metadata={"Summary": "first", "Author": "Ann"})
    second = wheel(name, "2.0", metadata={"Summary": "second"})
    project.publish(first, second)
    place = {"project": f"{project.path}/", "group": "acme/", "instance": ""}[scope]
    address = project.registry.address_for("reporter", f"{place}-/pypi")
    command = environments.commands("qypi") / "qypi"

    def ask(*arguments: str) -> Any:
        outcome = workstation.run(command, "--index-url", address, *arguments)
        assert outcome.status == 0, outcome.output
        return json.loads(outcome.output)

    (latest,) = ask("info", name)
    assert (latest["name"], latest["version"], latest["summary"]) == (name, "2.0", "second")
    (older,) = ask("info", f"{name}==1")
    assert (older["summary"], older["people"]) == (
        "first",
        [{"email": None, "name": "Ann", "role": "author"}],
    )
    (releases,) = ask("releases", name).values()
    assert [release["version"] for release in releases] == ["1.0", "2.0"]
    (listed,) = ask("files", f"{name}==1.0")
    (file,) = listed["files"]
    assert file["digests"]["sha256"] == first.sha256

    missing = workstation.run(command, "--index-url", address, "info", f"{name}==3.0")
    assert missing.status == 1
    assert "version 3.0 not found" in missing.output

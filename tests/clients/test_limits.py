"""What twine and uv show where there is no room for a file, or it is too large."""

import pytest

from tests.clients.checkouts import Builds
from tests.clients.publishers import PUBLISHERS
from tests.clients.workstation import Outcome

pytestmark = pytest.mark.clients


def said(outcome: Outcome) -> str:
    """What the client printed, without the lines and frames that it breaks it into."""
    return " ".join(outcome.output.replace("\N{BOX DRAWINGS LIGHT VERTICAL}", " ").split())


@pytest.mark.parametrize("client", ["twine 7", "uv"])
@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--max-file-size", "is larger than 100 bytes, the largest that the project "),
        ("--storage-limit", ": 0 bytes of 100 bytes are used, 100 bytes left. Delete what nobody"),
    ],
)
def test_a_limit(
    workstation, environments, project, builds: Builds, tmp_path, client, option, sentence
):
    server, token = project.registry.server, project.registry.tokens["developer"]
    checkout = builds.checkout(PUBLISHERS[client].package, tmp_path / "checkout")
    server.command("project", "set", project.path, option, "100 B")
    publish = PUBLISHERS[client].publish
    outcome = publish(workstation, environments, checkout, project.upload_url, token)
    assert outcome.status != 0
    assert sentence in said(outcome)
    assert "ask an administrator" in said(outcome)
    assert "413" in said(outcome)
    assert "permission" not in said(outcome).lower()
    server.command("project", "set", project.path, option, "none")
    outcome = publish(workstation, environments, checkout, project.upload_url, token)
    assert outcome.status == 0, outcome.output

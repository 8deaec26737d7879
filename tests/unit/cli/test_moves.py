"""`pyregistry group|project rename`, `move` and `delete`"""

import pytest

from pyregistry.db import Database
from pyregistry.namespaces.services.create import find
from tests.unit.cli.conftest import Command

pytestmark = pytest.mark.thorough


@pytest.fixture(autouse=True)
def places(command: Command) -> None:
    """Two groups, with a project in one."""
    for path in ("acme", "acme/team", "zeta"):
        command.succeeds("group", "create", path)
    command.succeeds("project", "create", "acme/team/core")


def test_rename(command: Command, database: Database) -> None:
    said = command.succeeds("group", "rename", "acme", "omega")
    assert said == "The group acme is omega now.\n"
    said = command.succeeds("project", "rename", "omega/team/core", "kernel")
    assert said == "The project omega/team/core is omega/team/kernel now.\n"
    with database.reading() as session:
        assert find(session, "omega/team/kernel").path == "kernel"


def test_move(command: Command) -> None:
    said = command.succeeds("project", "move", "acme/team/core", "--into", "zeta")
    assert said == "The project acme/team/core is zeta/core now.\n"
    said = command.succeeds("group", "move", "acme/team")
    assert said == "The group acme/team is team now.\n"
    said = command.succeeds("group", "move", "team", "--into", "acme")
    assert said == "The group team is acme/team now.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("group", "rename", "acme/team/core", "x"), "use pyregistry project rename."),
        (("project", "move", "acme", "--into", "zeta"), "use pyregistry group move."),
        (("project", "delete", "acme", "--yes"), "use pyregistry group delete."),
        (("group", "rename", "acme", "members"), "choose another path."),
        (("group", "move", "acme", "--into", "acme/team"), "cannot be moved into itself."),
        (("group", "move", "acme"), "is there already."),
        (
            ("project", "move", "acme/team/core", "--into", "nope"),
            "There is no group or project 'nope'.",
        ),
    ],
)
def test_refusals(command: Command, arguments: tuple[str, ...], sentence: str) -> None:
    assert command.refuses(*arguments).endswith(sentence)


def test_delete_without_asking(command: Command) -> None:
    said = command.succeeds("project", "delete", "acme/team/core", "--yes")
    assert said == "Deleted the project acme/team/core.\n"
    assert command.succeeds("group", "delete", "ACME", "--yes") == "Deleted the group acme.\n"
    command.refuses("group", "set", "acme", "--packages", "on")


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 1), ("", 1)])
def test_delete_asks(command: Command, answer: str, status: int) -> None:
    result = command.run("group", "delete", "acme", stdin=answer)
    assert result.exit_code == status
    assert "Delete the group acme with everything in it?" in result.stderr
    assert result.stdout == ("Deleted the group acme.\n" if status == 0 else "")
    assert command.run("group", "rename", "acme", "x").exit_code == 1 - status

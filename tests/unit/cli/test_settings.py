"""The commands that change settings of groups, projects and the instance."""

import pytest
from sqlalchemy import select, update

from pyregistry.db import Database
from pyregistry.events.models import Event
from pyregistry.limits.models import InstanceStorage, NamespaceStorage
from pyregistry.namespaces.models import InstanceSettings
from pyregistry.namespaces.services.create import find
from tests.unit.cli.conftest import Command


@pytest.fixture
def project(command: Command) -> Command:
    """The command on a registry with a public group and a private project in it."""
    command.succeeds("group", "create", "Acme", "--visibility", "public")
    command.succeeds("project", "create", "acme/Core")
    return command


def state(database: Database) -> tuple[str, bool, bool]:
    """Visibility of the project, whether it has a package registry, whether anyone may pull."""
    with database.reading() as session:
        row = find(session, "acme/core")
    return row.visibility, row.packages_available, row.pulls_open


def test_a_project(project: Command, database: Database) -> None:
    assert project.succeeds("project", "set", "acme/core", "--packages", "off") == (
        "The project Acme/Core is private; its package registry is turned off.\n"
    )
    assert state(database) == ("private", False, False)
    output = project.succeeds(
        *("project", "set", "ACME/core", "--packages", "on"),
        *("--visibility", "internal", "--anyone-can-pull", "on"),
    )
    assert output == (
        "The project Acme/Core is internal; its package registry is turned on; anyone can pull.\n"
    )
    assert state(database) == ("internal", True, True)
    project.succeeds("project", "set", "acme/core", "--anyone-can-pull", "off")
    assert state(database) == ("internal", True, False)
    with database.reading() as session:
        kinds = session.scalars(select(Event.credential_kind)).all()
    assert set(kinds) == {"command_line"}


def test_a_group(project: Command, database: Database) -> None:
    assert project.succeeds("group", "set", "acme", "--packages", "off") == (
        "The group Acme is public; its package registry is turned off.\n"
    )
    assert state(database) == ("private", False, False)
    project.succeeds("group", "set", "acme", "--packages", "on", "--visibility", "private")
    assert state(database) == ("private", True, False)


def test_what_something_above_decides_is_told(project: Command, database: Database) -> None:
    project.succeeds("project", "set", "acme/core", "--anyone-can-pull", "on")
    project.succeeds("instance", "set", "--anyone-can-pull", "forbid")
    told = project.succeeds("project", "set", "acme/core")
    assert told.endswith("turned on; the instance forbids that anyone can pull.\n")
    project.succeeds("group", "set", "acme", "--packages", "off")
    told = project.succeeds("project", "set", "acme/core", "--packages", "on")
    assert told.endswith("turned on, but off in a group above or the instance.\n")
    assert state(database) == ("private", False, False)


def test_without_options_it_tells(project: Command, database: Database) -> None:
    before = state(database)
    assert "is private" in project.succeeds("project", "set", "acme/core")
    assert "may let anyone pull" in project.succeeds("instance", "set")
    assert state(database) == before


def test_the_instance(project: Command, database: Database) -> None:
    project.succeeds("project", "set", "acme/core", "--anyone-can-pull", "on")
    assert project.succeeds("instance", "set", "--packages", "off") == (
        "The package registry is turned off; projects may let anyone pull; people may not create "
        "groups at the top.\n"
    )
    assert state(database) == ("private", False, True)
    assert project.succeeds(
        *("instance", "set", "--packages", "on", "--anyone-can-pull", "forbid")
    ) == (
        "The package registry is turned on; projects may not let anyone pull; people may not "
        "create groups at the top.\n"
    )
    assert state(database) == ("private", True, False)
    refused = project.refuses("project", "set", "acme/core", "--anyone-can-pull", "on")
    assert "ask an administrator to permit it" in refused
    project.succeeds("instance", "set", "--anyone-can-pull", "allow")
    assert state(database) == ("private", True, True)


def test_people_may_create_groups(project: Command, database: Database) -> None:
    for word, said in (("allow", "people may create"), ("forbid", "people may not create")):
        assert said in project.succeeds("instance", "set", "--create-groups", word)
        with database.reading() as session:
            allowed = session.scalars(select(InstanceSettings.users_create_groups)).one()
        assert allowed is (word == "allow")


def test_names_and_descriptions(project: Command, database: Database) -> None:
    named = ("--name", "The Team", "--description", "All of us")
    project.succeeds("group", "create", "acme/team", *named)
    project.succeeds("project", "create", "acme/team/lib", *named)
    project.succeeds("project", "create", "acme/team/other")
    with database.reading() as session:
        found = {
            path: find(session, path) for path in ("acme/team", "acme/team/lib", "acme/team/other")
        }
        told = {path: (row.name, row.description) for path, row in found.items()}
    assert told == {
        "acme/team": ("The Team", "All of us"),
        "acme/team/lib": ("The Team", "All of us"),
        "acme/team/other": ("other", ""),
    }
    assert "not a valid name" in project.refuses("group", "create", "acme/x", "--name", " ")


def test_refusals(project: Command, database: Database) -> None:
    assert project.refuses("group", "set", "acme/core") == (
        "Acme/Core is a project: use pyregistry project set."
    )
    assert project.refuses("project", "set", "acme", "--packages", "off") == (
        "Acme is a group: use pyregistry group set."
    )
    assert "There is no group or project" in project.refuses("project", "set", "acme/none")
    project.succeeds("project", "set", "acme/core", "--visibility", "public")
    project.refuses("group", "set", "acme", "--visibility", "private", "--packages", "off")
    assert state(database) == ("public", True, False)


def test_limits(project: Command, database: Database) -> None:
    output = project.succeeds(
        "instance", "set", "--max-file-size", "1 GiB", "--storage-limit", "5TiB"
    )
    assert output.splitlines()[1] == (
        "The largest file is 1.0 GiB; 0 bytes of 5.0 TiB are used in this registry."
    )
    output = project.succeeds("group", "set", "acme", "--storage-limit", "5 GiB")
    assert output.splitlines()[1] == (
        "The largest file is 1.0 GiB; 0 bytes of 5.0 GiB are used in the group Acme."
    )
    project.succeeds("project", "set", "acme/core", "--max-file-size", "10 MiB")
    assert project.refuses("project", "set", "acme/core", "--max-file-size", "2 GiB") == (
        "It can be 1 GiB at most: that is the limit for the whole registry."
    )
    with database.reading() as session:
        rows = session.execute(
            select(NamespaceStorage.admin_max_file_size, NamespaceStorage.admin_storage_limit)
        ).all()
        assert sorted(map(str, rows)) == ["(10485760, None)", "(None, 5368709120)"]
    output = project.succeeds("instance", "set", "--storage-limit", "none")
    assert output.splitlines()[1] == "The largest file is 1.0 GiB; 0 bytes are stored."
    assert "or 'none'" in project.misused("group", "set", "acme", "--storage-limit", "much")


def test_counts_of_stored_bytes(project: Command, database: Database) -> None:
    assert project.succeeds("storage", "recount") == "Every count is right.\n"
    with database.writing() as session:
        session.execute(update(InstanceStorage).values(used_bytes=7))
    wrong = "All: 7 counted, 0 stored.\nWrong: 1 count"
    assert project.succeeds("storage", "recount", "--dry-run") == f"{wrong}.\n"
    told = project.succeeds("storage", "recount")
    assert told == f"{wrong}, now right.\n"
    assert project.succeeds("storage", "recount", "--dry-run") == "Every count is right.\n"

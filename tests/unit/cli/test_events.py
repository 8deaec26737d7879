"""`pyregistry events export`, and what commands leave in the log."""

import json
from typing import Any

import pytest

from tests.unit.cli.conftest import Command


def exported(command: Command, *options: str) -> list[dict[str, Any]]:
    output = command.succeeds("events", "export", *options)
    return [json.loads(line) for line in output.splitlines()]


def actions(command: Command, *options: str) -> list[str]:
    return [event["action"] for event in exported(command, *options)]


@pytest.fixture(autouse=True)
def _world(command: Command) -> None:
    command.succeeds("user", "create", "alice", "--email", "alice@example.org")
    command.succeeds("group", "create", "acme", "--visibility", "public")
    command.succeeds("project", "create", "acme/core")
    command.succeeds("group", "create", "other")


def test_everything_newest_first(command: Command) -> None:
    events = exported(command)
    assert [event["action"] for event in events] == [
        "group.created",
        "project.created",
        "group.created",
        "user.created",
    ]
    assert {event["credential_kind"] for event in events} == {"command_line"}
    assert {event["author_id"] for event in events} == {None}
    assert events[2]["after"] == {"visibility": "public"}
    assert events[3]["entity_type"] == "User"


@pytest.mark.parametrize(
    ("arguments", "after"),
    [
        (("block",), {"is_blocked": True}),
        (("external",), {"is_external": True}),
        (("password",), {"has_password": True}),
    ],
)
def test_changes_of_users(command: Command, arguments: tuple[str], after: dict[str, Any]) -> None:
    output = command.succeeds("user", *arguments, "alice")
    [event] = exported(command, "--action", "user.changed")
    assert (event["action"], event["details"]["username"]) == ("user.changed", "alice")
    assert after.items() <= event["after"].items()
    secret = output.split()[-1]
    assert secret not in str(event)
    assert "argon2" not in str(event)


def test_what_is_taken_back(command: Command) -> None:
    for verb in ("block", "unblock", "external", "internal"):
        command.succeeds("user", verb, "alice")
    assert actions(command, "--action", "user.changed") == ["user.changed"] * 4


def test_a_group_with_everything_in_it(command: Command) -> None:
    assert actions(command, "--path", "ACME") == ["project.created", "group.created"]
    assert actions(command, "--path", "acme/core") == ["project.created"]


def test_some_actions(command: Command) -> None:
    chosen = ("--action", "user.", "--action", "project.created")
    assert actions(command, *chosen) == ["project.created", "user.created"]
    assert actions(command, "--action", "file.pulled", "--path", "acme") == []


def test_since_and_until(command: Command) -> None:
    assert len(actions(command, "--since", "2020-01-01", "--until", "2199-01-01T00:00:00Z")) == 4
    assert actions(command, "--since", "2199-01-01") == []
    assert actions(command, "--until", "2020-01-01") == []


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_no_moment(command: Command, option: str) -> None:
    assert "must be a date such as" in command.misused("events", "export", option, "yesterday")


def test_refusals(command: Command) -> None:
    sentence = command.refuses("events", "export", "--path", "acme/none")
    assert sentence == "There is no group or project 'acme/none'."
    assert "--action holds 'nothing'" in command.refuses("events", "export", "--action", "nothing")


def test_a_registry_that_was_never_set_up(empty: Command) -> None:
    assert "run 'pyregistry setup'" in empty.refuses("events", "export")


def test_the_first_run_is_in_the_log(empty: Command) -> None:
    password = empty.succeeds("setup", "--demo").split("Password:")[1].split()[0]
    events = exported(empty)
    assert [event["action"] for event in events if "token" not in event["action"]] == [
        "project.created",
        "group.created",
        "user.created",
    ]
    assert password not in str(events)

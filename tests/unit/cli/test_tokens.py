"""`pyregistry token`: made for everything that has tokens, checked, revoked."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from pyregistry.accounts.models import User
from pyregistry.clock import utcnow
from pyregistry.db import Database
from pyregistry.events.models import Event
from pyregistry.tokens.models import Token
from tests.unit.cli.conftest import Command

PROJECT = ("--project", "acme/core")
GROUP = ("--group", "acme")
READ = ("--scope", "read_package_registry")


@pytest.fixture(autouse=True)
def _tree(command: Command) -> None:
    """A group with a project, and alice."""
    command.succeeds("group", "create", "acme")
    command.succeeds("project", "create", "acme/core")
    command.succeeds("user", "create", "alice", "--email", "alice@example.org")


def create(command: Command, *arguments: str) -> str:
    """A new token."""
    return command.succeeds("token", "create", "--name", "ci", *arguments).strip()


def bot(database: Database) -> User:
    with database.reading() as session:
        return session.scalars(select(User).where(User.is_bot)).one()


def test_an_access_token(command: Command, database: Database) -> None:
    secret = create(command, *PROJECT, "--role", "developer", "--scope", "api")
    assert secret.startswith("pyrprt_")
    name = bot(database).username
    assert command.succeeds("member", "list", "acme/core") == f"{name}: Developer\n"
    assert command.succeeds("token", "check", stdin=secret) == (
        "Kind: project access token\n"
        "Name: ci\n"
        f"Owner: {name} in acme/core\n"
        "Scopes: api\n"
        "State: valid\n"
    )
    with database.reading() as session:
        event = session.scalars(select(Event).where(Event.action == "token.created")).one()
    assert event.credential_kind == "command_line"
    assert secret not in repr(event.details)


@pytest.mark.parametrize("owner", [PROJECT, GROUP])
def test_a_deploy_token(command: Command, owner: tuple[str, str]) -> None:
    both = (*READ, "--scope", "write_package_registry")
    secret = create(command, *owner, "--deploy", "--username", "shipper", *both)
    assert command.succeeds("token", "check", stdin=secret + "\r\n") == (
        "Kind: deploy token\n"
        "Name: ci\n"
        f"Owner: shipper in {owner[1]}\n"
        "Scopes: read_package_registry, write_package_registry\n"
        "State: valid\n"
    )


def test_a_personal_token(command: Command) -> None:
    secret = create(command, "--user", "alice", "--scope", "read_api")
    assert "Owner: alice\n" in command.succeeds("token", "check", stdin=secret)


def test_what_is_over(command: Command, database: Database) -> None:
    def checked(secret: str) -> tuple[int, str]:
        result = command.run("token", "check", stdin=secret)
        assert result.stderr == ""
        return result.exit_code, result.stdout.splitlines()[-1]

    secrets = {
        "expired": create(command, "--user", "alice", "--scope", "api", "--expires", "1"),
        "revoked": create(command, *GROUP, "--role", "guest", "--scope", "api"),
        "owner blocked": create(command, *GROUP, "--role", "guest", "--scope", "api"),
    }
    with database.writing() as session:
        expired = session.scalars(select(Token).where(Token.kind == "personal_access_token")).one()
        expired.expires_at = utcnow() - timedelta(seconds=1)
        owner = session.scalars(select(User).where(User.is_bot).order_by(User.id.desc())).first()
        assert owner is not None
        blocked = owner.username
    assert checked(secrets["owner blocked"]) == (0, "State: valid")
    command.succeeds("user", "block", blocked)
    command.succeeds("token", "revoke", stdin=secrets["revoked"])
    for state, secret in secrets.items():
        assert checked(secret) == (1, f"State: {state}")


def test_revoking(command: Command, database: Database) -> None:
    secret = create(command, *GROUP, "--role", "owner", "--scope", "api")
    name = bot(database).username
    assert command.succeeds("token", "revoke", stdin=secret) == (
        f"Revoked the group access token 'ci' of {name} in acme.\n"
    )
    assert command.succeeds("member", "list", "acme") == ""
    assert command.succeeds("token", "revoke", stdin=secret).startswith("Nothing to do: ")


@pytest.mark.parametrize("verb", ["check", "revoke"])
@pytest.mark.parametrize(
    ("stdin", "sentence"),
    [
        ("", "It has not the form of a token."),
        ("password\n", "It has not the form of a token."),
        ("pyrxxx_" + "0" * 49, "It has not the form of a token."),
        (
            "pyrdep_" + "0" * 49,
            "It has the form of a deploy token, but its checksum is wrong: a character is missing "
            "or mistyped.",
        ),
        (b"\xff\xfe", "What was given is not valid UTF-8: set LANG to your terminal's encoding."),
    ],
)
def test_what_is_no_token(command: Command, verb: str, stdin: str | bytes, sentence: str) -> None:
    assert command.refuses("token", verb, stdin=stdin) == sentence


def test_what_nobody_knows(command: Command, database: Database) -> None:
    secret = create(command, "--user", "alice", "--scope", "api")
    with database.writing() as session:
        session.delete(session.scalars(select(Token)).one())
    assert command.refuses("token", "check", stdin=secret) == (
        "It has the form of a token, but this registry knows no such."
    )
    assert command.refuses("token", "revoke", stdin=secret) == (
        "Not found: there is no such token here."
    )


def test_a_bot_gets_nothing_else(command: Command, database: Database) -> None:
    create(command, *GROUP, "--role", "guest", "--scope", "api")
    name = bot(database).username
    refusal = f"{name} is the bot of an access token"
    for arguments in (
        ("user", "password", name),
        ("user", "internal", name),
        ("user", "external", name),
        ("member", "add", "acme/core", name, "owner"),
        ("token", "create", "--user", name, "--name", "n", "--scope", "api"),
    ):
        assert refusal in command.refuses(*arguments)
    assert command.succeeds("user", "block", name) == f"Blocked {name}.\n"
    assert command.succeeds("user", "unblock", name) == f"Unblocked {name}.\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--user", "alice", *PROJECT), "Give one of --user, --project and --group."),
        ((*GROUP, *PROJECT), "Give one of --user, --project and --group."),
        (("--user", "alice", "--deploy"), "A deploy token needs --project or --group."),
        (("--user", "alice", "--username", "x"), "Only a deploy token (--deploy) has a --username"),
        (("--user", "alice", "--role", "guest"), "Only the access token of a project or group"),
        ((*GROUP, "--deploy", "--role", "guest"), "Only the access token of a project or group"),
        (GROUP, "Give --role, or --deploy for a deploy token."),
        (("--group", "acme/core", "--role", "guest"), "acme/core is a project: name it with"),
        (("--project", "acme", "--deploy"), "acme is a group: name it with --group."),
    ],
)
def test_wrong_calls(command: Command, arguments: tuple[str, ...], line: str) -> None:
    call = ("token", "create", "--name", "n", "--scope", "api", *arguments)
    assert line in command.misused(*call)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--group", "beta", "--deploy"), "There is no group or project 'beta'."),
        (
            (*GROUP, "--deploy"),
            "A deploy token needs scopes out of: read_package_registry, write_package_registry.",
        ),
        ((*GROUP, "--deploy", *READ, "--username", "a:b"), "The user name of a deploy token has"),
    ],
)
def test_refusals(command: Command, arguments: tuple[str, ...], sentence: str) -> None:
    scope = () if READ[1] in arguments else ("--scope", "api")
    call = ("token", "create", "--name", "n", *scope, *arguments)
    assert sentence in command.refuses(*call)

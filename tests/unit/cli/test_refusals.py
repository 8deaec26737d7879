"""A user's mistake is one sentence on standard error, and never a traceback."""

import sqlite3

import pytest

from tests.unit.cli.conftest import Command

WITH_A_TRANSACTION = [
    ("user", "create", "alice", "--email", "alice@example.org"),
    ("user", "password", "alice"),
    ("user", "block", "alice"),
    ("user", "unblock", "alice"),
    ("group", "create", "acme"),
    ("project", "create", "acme/core"),
    ("member", "add", "acme", "alice", "owner"),
    ("token", "create", "--user", "alice", "--name", "n", "--scope", "api"),
    ("storage", "sweep"),
]


@pytest.mark.parametrize("arguments", WITH_A_TRANSACTION, ids=" ".join)
def test_no_schema_yet(empty: Command, arguments: tuple[str, ...]) -> None:
    assert empty.refuses(*arguments) == "The database has no schema: run 'pyregistry setup'."


@pytest.mark.parametrize("arguments", [*WITH_A_TRANSACTION, ("setup",)], ids=" ".join)
def test_no_ini_file(empty: Command, arguments: tuple[str, ...]) -> None:
    empty.ini.unlink()
    assert empty.refuses(*arguments) == (
        f"There is no ini file {empty.ini}: name one with --config."
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"no section", "cannot be read: File contains no section headers."),
        (b"\xff\xfe[", "cannot be read: 'utf-8' codec can't decode byte 0xff in position 0"),
        (b"[app:main\n", "cannot be read: File contains no section headers."),
        (b"[app:main]\nkey = value\n", "has no section [server:main]."),
        (b"[server:main]\n", "has no section [app:main]."),
    ],
)
def test_broken_ini_file(empty: Command, text: bytes, reason: str) -> None:
    empty.ini.write_bytes(text)
    assert reason in empty.refuses("setup")


def test_a_single_percent_sign_does_not_show_the_secret_beside_it(empty: Command) -> None:
    empty.ini.write_text(
        "[app:main]\npyregistry.database.url = postgresql://u:pass%word@h/d\n[server:main]\n"
    )
    sentence = empty.refuses("setup")
    assert "write the percent sign in the value of pyregistry.database.url twice" in sentence
    assert "word" not in sentence


def test_unknown_setting(empty: Command) -> None:
    empty.ini.write_text("[app:main]\npyregistry.dta = x\n[server:main]\n")
    assert empty.refuses("setup") == (
        "There is no setting 'pyregistry.dta'; did you mean pyregistry.data?"
    )


def test_bad_setting(empty: Command) -> None:
    sentence = empty.refuses("setup", PYREGISTRY_STORAGE="tape")
    assert sentence == "PYREGISTRY_STORAGE = 'tape' is not valid: give local or s3."


def test_secret_setting_is_not_shown(empty: Command) -> None:
    sentence = empty.refuses("setup", PYREGISTRY_DATABASE_URL="mysql://u:hidden@h/d")
    assert "hidden" not in sentence


def test_port_that_is_none_creates_nothing(empty: Command) -> None:
    # An administrator whose password was never shown would be of no use.
    assert empty.refuses("setup", PORT="many").startswith("PORT = 'many' is not valid")
    assert "Password:" in empty.succeeds("setup")


def test_data_that_is_a_file(empty: Command) -> None:
    file = empty.folder / "file"
    file.touch()
    assert empty.refuses("setup", DATA=str(file)) == f"Cannot use {file}: File exists."


def test_data_that_cannot_be_made(empty: Command) -> None:
    # Nobody, not even root, can make a folder there.
    sentence = empty.refuses("setup", DATA="/proc/data")
    assert sentence == "Cannot use /proc/data: No such file or directory."


def test_database_that_is_none(empty: Command) -> None:
    (empty.folder / "data").mkdir()
    (empty.folder / "data" / "pyregistry.sqlite3").write_text("no database " * 100)
    assert empty.refuses("setup") == "The database cannot be used: file is not a database"


def test_database_server_that_does_not_answer(empty: Command) -> None:
    sentence = empty.refuses("setup", PYREGISTRY_DATABASE_URL="postgresql://u:hidden@127.0.0.1:1/d")
    assert sentence.startswith("The database cannot be used: ")
    assert "hidden" not in sentence


def test_schema_of_a_newer_version(command: Command) -> None:
    connection = sqlite3.connect(str(command.database_url.database))
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "has a schema that this version does not know" in command.refuses("setup")
    assert "has the schema 9999" in command.refuses("group", "create", "acme")


def test_storage_without_its_folder(command: Command) -> None:
    sentence = command.refuses("storage", "sweep")
    assert sentence == "local: The storage could not list its files: No such file or directory"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("user", "block", "bad\udcff"), r"There is no user 'bad\udcff'."),
        (("member", "add", "bad\udcff", "a", "owner"), r"no group or project 'bad\udcff'."),
        (
            ("user", "create", "good", "--email", "bad\udcff@example.org"),
            "What was given is not valid UTF-8",
        ),
    ],
)
def test_bytes_that_are_no_text(
    command: Command, arguments: tuple[str, ...], sentence: str
) -> None:
    assert sentence in command.refuses(*arguments)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "Error: Missing command."),
        (("fly",), "Error: No such command 'fly'."),
        (("setup", "--fast"), "No such option '--fast'."),
        (("user", "create", "alice"), "Error: Missing option '--email'."),
        (
            ("token", "create", "--name", "n", "--scope", "api"),
            "Error: Give one of --user, --project and --group.",
        ),
        (("storage", "sweep", "--grace", "-1"), "-1 is not in the range x>=0"),
    ],
)
def test_wrong_calls(command: Command, arguments: tuple[str, ...], line: str) -> None:
    assert line in command.misused(*arguments)

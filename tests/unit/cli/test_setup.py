"""`pyregistry setup`: once, again, and on the registry that the ini file means."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from pyregistry import schema
from pyregistry.accounts.models import User
from pyregistry.accounts.services.passwords import verify_password
from pyregistry.authnz.credentials import Place, Presented
from pyregistry.clock import utcnow
from pyregistry.db import Database
from pyregistry.namespaces.models import Namespace, Visibility
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.identify import identify_token
from tests.unit.cli.conftest import Command


@pytest.fixture
def made(empty: Command) -> Iterator[Database]:
    database = Database(empty.database_url)
    yield database
    database.dispose()


def shown(output: str, label: str) -> str:
    return re.search(rf"^  {label}: +(\S+)$", output, re.MULTILINE)[1]


def test_schema_and_administrator(empty: Command, made: Database) -> None:
    output = empty.succeeds("setup")
    assert schema.problem(made) is None
    with made.reading() as session:
        administrator = session.scalars(select(User)).one()
    assert administrator.is_admin
    assert administrator.username == shown(output, "User")
    assert verify_password(administrator.password_hash, shown(output, "Password"))
    assert shown(output, "Address") == "http://127.0.0.1:6543/"


def test_without_demo_there_is_nothing_else(empty: Command, made: Database) -> None:
    output = empty.succeeds("setup")
    assert "Token:" not in output
    with made.reading() as session:
        assert session.scalars(select(Namespace)).all() == []
        assert session.scalars(select(Token)).all() == []


def test_demo_prints_a_token_that_works(empty: Command, made: Database) -> None:
    output = empty.succeeds("setup", "--demo")
    with made.reading() as session:
        identity = identify_token(
            session, Presented(shown(output, "Token"), Place.BASIC, "x"), utcnow()
        )
        namespaces = session.scalars(select(Namespace).order_by(Namespace.id)).all()
    assert identity is not None
    assert identity.is_admin
    assert [namespace.full_path for namespace in namespaces] == ["demo", "demo/sandbox"]
    assert {namespace.visibility for namespace in namespaces} == {Visibility.PRIVATE}


def test_demo_prints_the_three_commands_to_try(empty: Command) -> None:
    output = empty.succeeds("setup", "--demo", PORT="8123")
    token = shown(output, "Token")
    index = f"http://admin:{token}@127.0.0.1:8123/demo/sandbox/-/simple/"
    assert f"  pip install --index-url {index} NAME\n" in output
    assert f"  uv pip install --index-url {index} NAME\n" in output
    assert (
        "  twine upload --repository-url http://127.0.0.1:8123/demo/sandbox/-/legacy/ "
        f"-u admin -p {token} dist/*\n"
    ) in output


def test_public_address_is_the_one_that_is_shown(empty: Command) -> None:
    output = empty.succeeds(
        "setup", "--demo", PYREGISTRY_PUBLIC_URL="https://packages.example.org/registry"
    )
    assert shown(output, "Address") == "https://packages.example.org/registry/"
    assert "@packages.example.org/registry/demo/sandbox/-/simple/ NAME" in output


def test_second_run_prints_and_changes_nothing(empty: Command, made: Database) -> None:
    empty.succeeds("setup", "--demo")
    assert empty.succeeds("setup", "--demo") == ""
    with made.reading() as session:
        assert len(session.scalars(select(User)).all()) == 1
        assert len(session.scalars(select(Token)).all()) == 1


def test_demo_is_for_the_first_run(empty: Command, made: Database) -> None:
    empty.succeeds("setup")
    assert empty.succeeds("setup", "--demo") == ""
    with made.reading() as session:
        assert session.scalars(select(Namespace)).all() == []


def test_demo_group_that_exists_is_taken(command: Command, database: Database) -> None:
    command.succeeds("group", "create", "demo")
    assert "Token:" in command.succeeds("setup", "--demo")
    with database.reading() as session:
        assert len(session.scalars(select(Namespace)).all()) == 2


def test_secrets_are_not_stored(empty: Command) -> None:
    output = empty.succeeds("setup", "--demo")
    stored = b"".join(path.read_bytes() for path in (empty.folder / "data").glob("*.sqlite3*"))
    assert shown(output, "Password").encode() not in stored
    assert shown(output, "Token").encode() not in stored


def test_folders_of_the_ini_file_begin_where_it_is(
    empty: Command, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    empty.succeeds("setup")
    assert (empty.folder / "data" / "pyregistry.sqlite3").is_file()
    assert list(elsewhere.iterdir()) == []


def test_defaults_of_the_ini_file_count(empty: Command) -> None:
    empty.ini.write_text("[DEFAULT]\npyregistry.data = other\n[app:main]\n[server:main]\n")
    empty.succeeds("setup")
    assert (empty.folder / "other" / "pyregistry.sqlite3").is_file()


def test_data_of_the_environment_comes_first(empty: Command) -> None:
    empty.succeeds("setup", DATA=str(empty.folder / "mine"))
    assert (empty.folder / "mine" / "pyregistry.sqlite3").is_file()
    assert (empty.folder / "mine" / "files" / "incoming").is_dir()
    assert not (empty.folder / "data").exists()


def test_data_folder_is_not_for_everybody(empty: Command) -> None:
    empty.succeeds("setup")
    assert (empty.folder / "data").stat().st_mode & 0o007 == 0


@pytest.mark.parametrize("ini", ["development.ini", "production.ini"])
def test_ini_files_of_the_repository(empty: Command, repository, ini: str) -> None:
    # Without a database address both keep everything in the data folder.
    text = (repository / ini).read_text()
    folder = str(empty.folder / "data")
    empty.ini.write_text(
        text.replace("/var/lib/pyregistry", folder).replace("%(here)s/var", folder)
    )
    assert "Password:" in empty.succeeds("setup")
    assert (empty.folder / "data" / "pyregistry.sqlite3").is_file()
    assert (empty.folder / "data" / "files").is_dir()

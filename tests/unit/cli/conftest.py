"""The command, run in this process on a registry of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import URL

from pyregistry.cli import main
from pyregistry.db import Database
from tests.conftest import NewDatabase

INI = """
[app:main]
use = egg:pyregistry-server
pyregistry.data = data
{database}
[server:main]
use = egg:pyregistry-server#waitress
"""


@dataclass
class Command:
    """`pyregistry --config` with the ini file of one registry."""

    folder: Path
    database_url: URL

    @property
    def ini(self) -> Path:
        """The ini file of the registry."""
        return self.folder / "registry.ini"

    def run(self, *arguments: str, stdin: str | bytes = "", **environ: str) -> Result:
        """What the command answers."""
        return CliRunner(env=environ).invoke(
            main, ["--config", str(self.ini), *arguments], input=stdin
        )

    def succeeds(self, *arguments: str, stdin: str | bytes = "", **environ: str) -> str:
        """What a command prints that must succeed and complain of nothing."""
        result = self.run(*arguments, stdin=stdin, **environ)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return result.stdout

    def refuses(self, *arguments: str, stdin: str | bytes = "", **environ: str) -> str:
        """The sentence of a command that must refuse, and print nothing else."""
        result = self.run(*arguments, stdin=stdin, **environ)
        assert (result.exit_code, result.stdout) == (1, "")
        # A traceback would be no SystemExit.
        assert isinstance(result.exception, SystemExit)
        assert result.stderr.count("\n") == 1
        assert result.stderr.startswith("Error: ")
        return result.stderr.removeprefix("Error: ").rstrip("\n")

    def misused(self, *arguments: str) -> str:
        """The last line of a command that was called wrongly."""
        result = self.run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        return result.stderr.splitlines()[-1]


@pytest.fixture
def empty(tmp_path: Path) -> Command:
    """The command on a registry that was never set up."""
    command = Command(
        tmp_path, URL.create("sqlite", database=str(tmp_path / "data" / "pyregistry.sqlite3"))
    )
    command.ini.write_text(INI.format(database=""))
    return command


@pytest.fixture
def command(new_sqlite: NewDatabase, tmp_path: Path) -> Command:
    """The command on a registry with the newest schema and nothing in it."""
    url = new_sqlite()
    command = Command(tmp_path, url)
    line = f"pyregistry.database.url = {url.render_as_string()}"
    command.ini.write_text(INI.format(database=line))
    return command


@pytest.fixture
def database(command: Command) -> Iterator[Database]:
    """The database that the command works on."""
    database = Database(command.database_url)
    yield database
    database.dispose()

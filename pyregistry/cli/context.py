"""What every command works with, and how every error is told."""

import configparser
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import plaster
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pyregistry import schema
from pyregistry.authnz.identity import COMMAND_LINE, Actor
from pyregistry.db import Database, reason_of
from pyregistry.engines import Connecting
from pyregistry.errors import Refusal
from pyregistry.logs import use_format
from pyregistry.members.services.authority import Granter
from pyregistry.retries import Failure, failure_of
from pyregistry.settings import Settings, SettingsError, application_section, port_of
from pyregistry.storage.errors import StorageError
from pyregistry.storage.storages import Storages

_BUSY_TIMEOUT = timedelta(seconds=30)
"""How long a command waits for SQLite's write lock."""


class RefusingGroup(click.Group):
    """Tells a user's mistake in one sentence on standard error; the status is 1, or 2 for usage."""

    def invoke(self, context: click.Context) -> Any:
        """Run a command, turning what it refuses into click's own errors."""
        try:
            return super().invoke(context)
        except Refusal as refusal:
            raise click.ClickException(refusal.sentence) from None
        except (SettingsError, StorageError) as error:
            raise click.ClickException(str(error)) from None
        except DBAPIError as error:
            raise click.ClickException(_sentence_of(error)) from None
        except UnicodeError:
            sentence = "What was given is not valid UTF-8: set LANG to your terminal's encoding."
            raise click.ClickException(sentence) from None
        except OSError as error:
            if error.filename is None:
                raise  # a closed standard output, which click knows how to end
            raise click.ClickException(f"Cannot use {error.filename}: {error.strerror}.") from None


class Registry:
    """The registry that an ini file and the environment describe; opened when it is used."""

    def __init__(self, config: Path) -> None:
        self._config = config

    @cached_property
    def settings(self) -> Settings:
        """The settings of the application section."""
        return Settings.parse(self._section(), os.environ)

    @cached_property
    def database(self) -> Database:
        """The database, whether it has a schema or not."""
        settings = self.settings
        return Database(
            settings.database_url,
            Connecting(
                # What a command does is tried once.
                busy_timeout=_BUSY_TIMEOUT,
                connect_timeout=settings.database_connect_timeout,
                patience=settings.database_patience,
                application_name=settings.database_application_name,
                slow_query=settings.database_slow_query,
            ),
        )

    @property
    def migration_limits(self) -> schema.MigrationLimits:
        """How long a change of the schema waits."""
        settings = self.settings
        return schema.MigrationLimits(
            wait=settings.database_migration_wait,
            lock=settings.database_migration_lock_timeout,
            statement=settings.database_migration_statement_timeout,
        )

    @cached_property
    def storages(self) -> Storages:
        """The storages of files."""
        return Storages(self.settings)

    @cached_property
    def address(self) -> str:
        """The address that clients use: the public one, else that of this machine."""
        if self.settings.public_url is not None:
            return self.settings.public_url
        return f"http://127.0.0.1:{port_of(self._section('server:main'), os.environ)}"

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction on a database with the schema of this version."""
        self.check_schema()
        with self.database.writing() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads on a database with the schema of this version."""
        self.check_schema()
        with self.database.reading() as session:
            yield session

    def check_schema(self) -> None:
        """Raise `click.ClickException` where the schema is not that of this version."""
        problem = schema.problem(self.database)
        if problem is not None:
            raise click.ClickException(problem)

    def set_up_logging(self) -> None:
        """Log as the ini file says, as the server does."""
        self._loader().setup_logging()
        use_format(self.settings.logs_format)

    def _loader(self) -> Any:
        if not self._config.is_file():
            raise click.ClickException(
                f"There is no ini file {self._config}: name one with --config."
            )
        return plaster.get_loader(str(self._config), protocols=["wsgi"])

    def _section(self, name: str | None = None) -> dict[str, str]:
        """A section of the ini file; without a name, that of the application."""
        loader = self._loader()
        try:
            known = loader.get_sections()
            name = name or application_section(known, loader.get_settings)
            section = loader.get_settings(name)
        except (configparser.Error, UnicodeDecodeError) as error:
            sentence = f"The ini file {self._config} cannot be read: {_ini_reason(error)}."
            raise click.ClickException(sentence) from None
        if name not in known:
            raise click.ClickException(f"The ini file {self._config} has no section [{name}].")
        # As the server sees them: with the folder of the file and its section [DEFAULT].
        return {**section.global_conf, **section}


def _sentence_of(error: DBAPIError) -> str:
    if failure_of(error) is Failure.UNKNOWN:
        return "The connection to the database was lost during the commit: look whether it is done."
    return f"The database cannot be used: {reason_of(error)}"


def _ini_reason(error: configparser.Error | UnicodeDecodeError) -> str:
    if isinstance(error, configparser.InterpolationError):
        # Its own text quotes the value, which may be a secret.
        return f"write the percent sign in the value of {error.option} twice"
    return str(error).splitlines()[0].rstrip(".")


pass_registry = click.make_pass_decorator(Registry)

MACHINE = Actor(credential_kind=COMMAND_LINE)
"""Who does what a command does, as events record it: nobody who signed in."""

ADMINISTRATOR = Granter(MACHINE, is_admin=True)
"""Whoever may run a command on this machine gives and takes away what they want."""


def confirm(question: str, *, asks: bool) -> None:
    """Ask whether something is meant that cannot be undone, and stop where it is not.

    To be asked outside of transactions: SQLite has one writer, and people think for long.
    """
    if asks:
        click.confirm(question, abort=True, err=True)


yes_option = click.option("--yes", is_flag=True, help="Do not ask whether this is meant.")


def read_password() -> str:
    """A password from the first line of standard input."""
    return sys.stdin.readline().rstrip("\r\n")

"""The schema and its migrations, run through Alembic's Python API.

Alembic is imported by what migrates, not by what only asks: a server starts faster
without it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import pyregistry.models  # noqa: F401 -- tables refer to each other: whoever uses one needs all
from pyregistry.db import Database
from pyregistry.engines import Connecting
from pyregistry.errors import Conflict
from pyregistry.retries import Failure, failure_of, first_line

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0007"
"""The newest revision that this version of the code knows."""

_MIGRATION_LOCK = 0x7079726567
"""The number of the advisory lock: `pyreg` in ASCII."""

_PACKAGE = Path(__file__).parent


def migrations_folder() -> Path:
    """Where the migrations are: inside an installed distribution, else beside the package."""
    installed = _PACKAGE / "migrations"
    return installed if installed.is_dir() else _PACKAGE.parent / "alembic"


def alembic_config(connection: Connection | None = None) -> "Config":
    """Alembic's configuration, bound to `connection` for the commands that need one."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def current(database: Database) -> str | None:
    """The revision that the database is at; None where it has no schema."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def problem(database: Database) -> str | None:
    """What is wrong with the schema, in one sentence; None where it is that of this version."""
    found = current(database)
    if found == HEAD:
        return None
    if found is None:
        return "The database has no schema: run 'pyregistry setup'."
    return f"The database has the schema {found}, not {HEAD}: run 'pyregistry setup'."


@dataclass(frozen=True, slots=True)
class MigrationLimits:
    """How long a migration waits: for others, for one lock, for one statement. None: for ever.

    SQLite knows the first alone: it has one lock.
    """

    wait: timedelta = timedelta(minutes=10)
    lock: timedelta | None = timedelta(seconds=10)
    statement: timedelta | None = timedelta(hours=1)


def upgrade(
    database: Database, revision: str = "head", limits: MigrationLimits | None = None
) -> None:
    """Bring the schema up to `revision` in one transaction; one process at a time.

    Raises `Conflict` where the schema is one that this version does not know, and where a limit
    is reached: then nothing has changed.
    """
    from alembic import command
    from alembic.util import CommandError

    limits = limits or MigrationLimits()
    with _alone(database, limits) as session:
        connection = session.connection()
        try:
            command.upgrade(alembic_config(connection), revision)
        except CommandError:
            raise Conflict(
                "The database has a schema that this version does not know: "
                "use the version that made it, or a newer one."
            ) from None
        except DBAPIError as error:
            if failure_of(error) is not Failure.LATE:
                raise
            raise Conflict(
                "The schema was not changed: a lock or a statement took longer than the settings"
                f" let it ({first_line(error)}). Try again when there is less to do."
            ) from None


@contextmanager
def _alone(database: Database, limits: MigrationLimits) -> Iterator[Session]:
    """A writing transaction while which no other process migrates, with the limits set."""
    with _patient(database, limits.wait) as patient, patient.writing() as session:
        try:
            connection = session.connection()
            _set_limits(connection, lock=limits.wait, statement=None)
            exclude_others(session)
        except DBAPIError as error:
            if failure_of(error) not in (Failure.LATE, Failure.CONFLICT):
                raise
            raise Conflict(
                "Another process changes the schema of the database, or writes to it, and has not"
                f" finished within {int(limits.wait.total_seconds())} seconds: try again when it"
                " has."
            ) from None
        _set_limits(connection, lock=limits.lock, statement=limits.statement)
        yield session


def exclude_others(session: Session) -> None:
    """Have no other process migrate, or set the instance up, until the transaction ends.

    On SQLite the transaction excludes other writers by itself.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))


def _set_limits(
    connection: Connection, *, lock: timedelta | None, statement: timedelta | None
) -> None:
    if connection.dialect.name != "postgresql":
        return
    limits = {
        "lock_timeout": lock,
        "statement_timeout": statement,
        "idle_in_transaction_session_timeout": None,
    }
    for name, limit in limits.items():
        # 0 is no limit.
        milliseconds = 0 if limit is None else max(1, int(limit.total_seconds() * 1000))
        connection.execute(text(f"SET LOCAL {name} = {milliseconds}"))


@contextmanager
def _patient(database: Database, wait: timedelta) -> Iterator[Database]:
    """The database; on SQLite by connections that wait as long as that for its write lock.

    They are others than those of requests, which are not to wait so long.
    """
    if database.kind != "sqlite":
        yield database
        return
    patient = Database(database.engine.url, Connecting(busy_timeout=wait))
    try:
        yield patient
    finally:
        patient.dispose()


def downgrade(database: Database, revision: str) -> None:
    """Bring the schema down to `revision` in one transaction."""
    from alembic import command

    with database.writing() as session:
        command.downgrade(alembic_config(session.connection()), revision)


def check(database: Database) -> None:
    """Raise `alembic.util.AutogenerateDiffsDetected` where models and schema differ."""
    from alembic import command

    with database.writing() as session:
        command.check(alembic_config(session.connection()))

"""Settings of the connections to the database. They may all be left as they are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from pyregistry.settings import parsers
from pyregistry.settings.rows import setting, table

_OFF: Final = "off"


def limit(bare: str) -> Callable[[str], timedelta | None]:
    """A parser of durations as `parsers.duration` is; None for `off`."""
    parse_duration = parsers.duration(bare)

    def parse(text: str) -> timedelta | None:
        if text.lower() == _OFF:
            return None
        try:
            return parse_duration(text)
        except ValueError as error:
            raise ValueError(f"{error}, or 'off'") from None

    return parse


@table
class DatabaseSettings:
    """How a process reaches its database, and how long it waits for it."""

    database_pool_size: int = setting(
        "database.pool_size",
        parsers.whole_number(1, 1000),
        "10",
        "connections",
        "Connections to the database that each process keeps; as many again are opened while all"
        " of these are in use.",
    )
    database_pool_timeout: timedelta = setting(
        "database.pool_timeout",
        parsers.duration("seconds"),
        "10 seconds",
        "duration",
        "How long a request waits for a free connection before it is answered 503.",
    )
    database_connect_timeout: timedelta = setting(
        "database.connect_timeout",
        parsers.duration("seconds"),
        "5 seconds",
        "duration",
        "How long PostgreSQL may take to accept a connection.",
    )
    database_patience: timedelta = setting(
        "database.patience",
        parsers.duration("seconds"),
        "10 seconds",
        "duration",
        "How long a PostgreSQL server that takes no connections any more, as while it is"
        " restarted, is waited for before requests are answered 503.",
    )
    database_statement_timeout: timedelta | None = setting(
        "database.statement_timeout",
        limit("seconds"),
        "1 minute",
        "duration or `off`",
        "How long one statement of a request may take in PostgreSQL before it is stopped and the"
        " request answered 503. Commands have no such limit.",
    )
    database_idle_in_transaction_timeout: timedelta | None = setting(
        "database.idle_in_transaction_timeout",
        limit("seconds"),
        "5 minutes",
        "duration or `off`",
        "After which time PostgreSQL ends a connection of a server that has a transaction open"
        " and asks nothing, so that a process that hangs holds no locks.",
    )
    database_application_name: str = setting(
        "database.application_name",
        parsers.title,
        "pyregistry",
        "text",
        "As what PostgreSQL shows the connections, in `pg_stat_activity` and in its log.",
    )
    database_slow_query: timedelta | None = setting(
        "database.slow_query",
        limit("seconds"),
        "off",
        "duration or `off`",
        "Statements that take longer are logged: how long they took, in which request, and their"
        " text without values.",
    )
    database_migration_wait: timedelta = setting(
        "database.migration_wait",
        parsers.duration("seconds"),
        "10 minutes",
        "duration",
        "How long `pyregistry setup` waits for another process that changes the schema.",
    )
    database_migration_lock_timeout: timedelta = setting(
        "database.migration_lock_timeout",
        parsers.duration("seconds"),
        "10 seconds",
        "duration",
        "How long a change of the schema of PostgreSQL waits for one lock that requests hold;"
        " those that come meanwhile wait behind it.",
    )
    database_migration_statement_timeout: timedelta | None = setting(
        "database.migration_statement_timeout",
        limit("seconds"),
        "1 hour",
        "duration or `off`",
        "How long one statement of a change of the schema of PostgreSQL may take.",
    )

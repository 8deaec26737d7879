"""Connections to the database are counted while they are in use, whatever becomes of them."""

import pytest
from sqlalchemy import URL, event

from pyregistry.db import Database
from pyregistry.engines import Connecting
from pyregistry.watching.connections import count_connections
from pyregistry.watching.metrics import Metrics


def refuse(*_: object) -> None:
    """What a server does that is away."""
    raise OSError("no connection")


def lose_connection(database: Database) -> None:
    """Lose a connection that is in use, and ask for another."""
    with database.reading() as session:
        session.connection().invalidate()
        session.rollback()
        session.connection()


def test_connections_that_are_lost_and_not_had(database_url: URL) -> None:
    database = Database(database_url, Connecting(pool_size=1))
    metrics = Metrics()
    count_connections(database.engine, metrics)

    def in_use() -> float | None:
        return metrics.registry.get_sample_value("pyregistry_database_connections_in_use")

    assert in_use() == 0
    with database.reading() as first, database.reading() as second:
        first.connection()
        second.connection()
        assert in_use() == 2
        first.invalidate()
        assert in_use() == 1
    assert in_use() == 0
    # The place of the one that was lost is given back without having been given out.
    event.listen(database.engine, "connect", refuse)
    for _ in range(2):
        with pytest.raises(OSError, match="no connection"):
            lose_connection(database)
    assert in_use() == 0
    event.remove(database.engine, "connect", refuse)
    # As a worker does after the fork.
    database.dispose()
    with database.reading() as session:
        session.connection()
        assert in_use() == 1
    database.dispose()

"""Waiting for a server that is restarted, and only for one."""

import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy.engine.interfaces import DBAPIConnection

from pyregistry.engines import _Patience

LONG = 3600.0


class Away(Exception):
    """The server does not answer."""


class Server:
    """A server that is away so many times before it takes a connection."""

    def __init__(self, *away: int) -> None:
        self.away: Iterator[int] = iter(away)
        self.left = next(self.away)
        self.asked = 0

    def connect(self) -> DBAPIConnection:
        self.asked += 1
        if self.left:
            self.left -= 1
            raise Away
        self.left = next(self.away, 0)
        return sqlite3.connect(":memory:")


def test_a_server_that_was_there_is_waited_for() -> None:
    server, patience = Server(0, 2, 1), _Patience(LONG)
    for asked in (1, 4, 6):
        patience.connected(server.connect)
        assert server.asked == asked


def test_one_that_never_was_there_is_not() -> None:
    server, patience = Server(1), _Patience(LONG)
    with pytest.raises(Away):
        patience.connected(server.connect)
    assert server.asked == 1


def test_one_that_stays_away_is_not() -> None:
    server, patience = Server(0, 10**9), _Patience(0.5)
    patience.connected(server.connect)
    with pytest.raises(Away):
        patience.connected(server.connect)
    asked = server.asked
    assert asked > 2
    for _ in range(3):
        with pytest.raises(Away):
            patience.connected(server.connect)
    # Each of them has asked once, and waited for nothing.
    assert server.asked == asked + 3

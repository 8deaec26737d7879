"""Waiting for a server that is restarted, and only for one."""

import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy.engine.interfaces import DBAPIConnection

from pyregistry.engines import _Patience

SECONDS = 10.0


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


class Time:
    """A time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def patience(time: Time) -> _Patience:
    return _Patience(SECONDS, lambda: time.now, time.sleep)


def test_a_server_that_was_there_is_waited_for(patience: _Patience) -> None:
    server = Server(0, 2, 1)
    for asked in (1, 4, 6):
        patience.connected(server.connect)
        assert server.asked == asked


def test_one_that_never_was_there_is_not(patience: _Patience) -> None:
    server = Server(1)
    with pytest.raises(Away):
        patience.connected(server.connect)
    assert server.asked == 1


def stay_away(patience: _Patience, time: Time, server: Server) -> None:
    began = time.now
    with pytest.raises(Away):
        patience.connected(server.connect)
    assert SECONDS <= time.now - began < SECONDS + 1


def test_one_that_stays_away_is_not(patience: _Patience, time: Time) -> None:
    server = Server(0, 10**9)
    patience.connected(server.connect)
    stay_away(patience, time, server)
    before, asked = time.now, server.asked
    for _ in range(3):
        with pytest.raises(Away):
            patience.connected(server.connect)
    # Each of them has asked once, and waited for nothing.
    assert (time.now, server.asked) == (before, asked + 3)


def test_a_later_outage_is_another_one(patience: _Patience, time: Time) -> None:
    server = Server(0, 10**9)
    patience.connected(server.connect)
    stay_away(patience, time, server)
    time.sleep(SECONDS + 1)
    stay_away(patience, time, server)

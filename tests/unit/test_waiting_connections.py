"""Who takes up a connection on which something comes, and which of them have waited enough."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from pyregistry import waiting_connections
from pyregistry.client_sockets import ClientSocket
from pyregistry.waiting_connections import WaitingConnections

PATIENCE = 10
LONG = 60.0


def _pair() -> tuple[ClientSocket, socket.socket]:
    ours, theirs = socket.socketpair()
    return ClientSocket.of(ours, PATIENCE, lambda: None), theirs


@dataclass(eq=False)
class Connection:
    """What `WaitingConnections` needs of gunicorn's `TConn`, and the client's end of it."""

    pair: tuple[ClientSocket, socket.socket] = field(default_factory=_pair)
    initialized: bool = False

    @property
    def sock(self) -> ClientSocket:
        return self.pair[0]

    def send(self) -> None:
        self.pair[1].sendall(b"x")


@pytest.fixture
def made() -> Iterator[list[Connection]]:
    connections: list[Connection] = []
    yield connections
    for connection in connections:
        for end in connection.pair:
            end.close()


@pytest.fixture
def waiting() -> WaitingConnections:
    return WaitingConnections()


def waits(waiting: WaitingConnections, made: list[Connection], seconds: float = LONG) -> Connection:
    made.append(Connection())
    waiting.add(made[-1], seconds)
    return made[-1]


def take_and_give_way(waiting: WaitingConnections) -> object:
    found = waiting.take()
    waiting.give_way()
    return found


def test_one_thread_takes_what_comes(waiting: WaitingConnections, made: list[Connection]) -> None:
    silent, first, second = (waits(waiting, made) for _ in range(3))
    with ThreadPoolExecutor(4) as pool:
        taken = [pool.submit(take_and_give_way, waiting) for _ in range(4)]
        first.send()
        second.send()
        # It is not taken by two, however much comes.
        first.send()
        waiting.end()
        found = [each.result(PATIENCE) for each in taken]
    assert [each for each in found if each is not None] in ([first, second], [second, first])
    assert len(waiting) == 1
    silent.send()


def test_the_next_request_is_taken_when_it_was_given_back(
    waiting: WaitingConnections, made: list[Connection]
) -> None:
    connection = waits(waiting, made)
    connection.send()
    assert waiting.take() is connection
    assert len(waiting) == 0
    connection.sock.recv(1)
    waiting.give_back(connection, LONG)
    connection.send()
    assert waiting.take() is connection


def test_what_came_before_it_waited_is_taken(
    waiting: WaitingConnections, made: list[Connection]
) -> None:
    connection = waits(waiting, made)
    connection.send()
    assert waiting.take() is connection
    connection.sock.recv(1)
    # Before anybody waits for it.
    connection.send()
    waiting.give_back(connection, LONG)
    assert waiting.take() is connection


def test_all_that_has_come_is_read_before_the_first_is_worked_on(
    waiting: WaitingConnections, made: list[Connection]
) -> None:
    several = [waits(waiting, made) for _ in range(3)]
    for connection in several:
        connection.send()
    came = time.monotonic_ns()
    first = waiting.take()
    assert len(waiting) == 0
    assert all(each.sock.is_ahead and each.sock.arrived_at >= came for each in several)
    assert max(each.sock.arrived_at for each in several) <= time.monotonic_ns()
    # Whoever has the turn next works on the others.
    waiting.give_way()
    with ThreadPoolExecutor(1) as pool:
        others = {pool.submit(take_and_give_way, waiting).result(PATIENCE) for _ in range(2)}
    assert others == {*several} - {first}
    assert all(each.sock.recv(10) == b"x" for each in several)


def test_what_was_read_is_worked_on_before_the_end(
    waiting: WaitingConnections, made: list[Connection]
) -> None:
    several = [waits(waiting, made) for _ in range(2)]
    for connection in several:
        connection.send()
    waiting.end()
    assert {waiting.take(), waiting.take()} == {*several}
    assert waiting.take() is None


def test_a_client_that_has_gone_is_taken(
    waiting: WaitingConnections, made: list[Connection]
) -> None:
    connection = waits(waiting, made)
    connection.pair[1].close()
    assert waiting.take() is connection


def test_silent_ones(waiting: WaitingConnections, made: list[Connection]) -> None:
    silent, patient, sent = (waits(waiting, made, seconds) for seconds in (0, LONG, 0))
    # It waits for a thread, not for its client.
    sent.send()
    assert waiting.take_silent() == [silent]
    assert waiting.take_silent() == []
    assert waiting.take() is sent
    assert len(waiting) == 1
    patient.send()
    assert waiting.take() is patient


def test_one_that_was_taken_is_not_silent(
    waiting: WaitingConnections, made: list[Connection]
) -> None:
    connection = waits(waiting, made, 0)
    connection.send()
    assert waiting.take() is connection
    connection.sock.recv(1)
    assert waiting.take_silent() == []


def test_one_that_was_given_back_meanwhile_is_not_silent(
    waiting: WaitingConnections, made: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = waits(waiting, made, 0)

    def taken_and_given_back(_descriptor: int) -> bool:
        connection.send()
        assert waiting.take() is connection
        connection.sock.recv(1)
        waiting.give_back(connection, LONG)
        return False

    monkeypatch.setattr(waiting_connections, "_has_sent", taken_and_given_back)
    assert waiting.take_silent() == []
    connection.send()
    assert waiting.take() is connection


def test_less_patience(waiting: WaitingConnections, made: list[Connection]) -> None:
    new, old = waits(waiting, made), waits(waiting, made)
    old.initialized = True
    waiting.shorten(LONG, 0)
    assert waiting.take_silent() == [new]
    waiting.shorten(0, LONG)
    # Not more of it than there was.
    waiting.shorten(LONG, LONG)
    assert waiting.take_silent() == [old]


def test_every_thread_learns_of_the_end(waiting: WaitingConnections) -> None:
    with ThreadPoolExecutor(3) as pool:
        taken = [pool.submit(waiting.take) for _ in range(3)]
        waiting.end()
        assert [each.result(PATIENCE) for each in taken] == [None, None, None]
    assert waiting.take() is None


def test_one_thread_works_on_what_is_answered_at_once(
    waiting: WaitingConnections, made: list[Connection]
) -> None:
    first, second = waits(waiting, made), waits(waiting, made)
    first.send()
    assert waiting.take() is first
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(take_and_give_way, waiting)
        # It is not the turn of the other thread: this one goes on.
        second.send()
        assert waiting.take() is second
        assert not other.done()
        first.sock.recv(1)
        waiting.give_back(first, LONG)
        first.send()
        waiting.give_way()
        assert other.result(PATIENCE) is first
    # Nothing to give any more.
    waiting.give_way()


def test_a_turn_that_takes_too_long(waiting: WaitingConnections, made: list[Connection]) -> None:
    first, second = waits(waiting, made), waits(waiting, made)
    first.send()
    second.send()
    taken = waiting.take()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(take_and_give_way, waiting)
        # However often it is looked at in a short time.
        for _ in range(10):
            waiting.end_long_turn()
        assert not other.done()
        waiting._long_turn = 0.0
        waiting.end_long_turn()
        assert other.result(PATIENCE) in ({first, second} - {taken})
        # It has ended once, and does not take the next turn from somebody else.
        waiting.give_way()
        waiting.end()
        assert pool.submit(waiting.take).result(PATIENCE) is None


def test_who_only_waits_keeps_the_turn(waiting: WaitingConnections, made: list[Connection]) -> None:
    connection = waits(waiting, made)
    with ThreadPoolExecutor(2) as pool:
        taken = [pool.submit(take_and_give_way, waiting) for _ in range(2)]
        for _ in range(3):
            waiting.end_long_turn()
        connection.send()
        waiting.end()
        found = [each.result(PATIENCE) for each in taken]
    assert sorted(found, key=id) == sorted([connection, None], key=id)

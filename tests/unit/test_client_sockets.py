"""Clients that send nothing, or take nothing."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pyregistry.client_sockets import ClientSocket

A_MOMENT = 0.05


@pytest.fixture
def ends() -> Iterator[tuple[ClientSocket, socket.socket]]:
    """Ours, and that of the client."""
    ours, theirs = socket.socketpair()
    made = ClientSocket.of(ours, A_MOMENT, lambda: None)
    yield made, theirs
    made.close()
    theirs.close()


Ends = tuple[ClientSocket, socket.socket]


def test_what_comes_is_read(ends: Ends) -> None:
    ours, theirs = ends
    theirs.sendall(b"abc")
    assert ours.recv(10) == b"abc"
    ours.sendall(b"def")
    assert theirs.recv(10) == b"def"
    assert not ours.has_given_up


def test_what_was_read_ahead_comes_first(ends: Ends) -> None:
    ours, theirs = ends
    # Nothing has come: nobody is waited for.
    ours.read_ahead()
    assert not ours.is_ahead
    theirs.sendall(b"abcdef")
    ours.read_ahead()
    theirs.sendall(b"ghi")
    ours.read_ahead()
    assert ours.is_ahead
    assert [ours.recv(4), ours.recv(4)] == [b"abcd", b"ef"]
    assert not ours.is_ahead
    assert ours.recv(4) == b"ghi"
    theirs.close()
    ours.read_ahead()
    assert ours.recv(4) == b""


def test_when_it_came(ends: Ends) -> None:
    ours, theirs = ends
    theirs.sendall(b"abc")
    ours.read_ahead()
    first = ours.arrived_at
    assert 0 < first <= time.monotonic_ns()
    ours.recv(10)
    # What was there already has not come later.
    assert ours.arrived_at == first
    between = time.monotonic_ns()
    theirs.sendall(b"the rest")
    ours.recv(10)
    assert between <= ours.arrived_at <= time.monotonic_ns()


def test_others_pass_before_a_client_is_waited_for(ends: Ends) -> None:
    ours, theirs = ends
    told = []
    ours.before_waiting = lambda: told.append(1)
    theirs.sendall(b"abc")
    ours.recv(10)
    ours.sendall(b"def")
    assert told == []
    with pytest.raises(ConnectionResetError):
        ours.recv(10)
    assert told == [1]
    with pytest.raises(ConnectionResetError):
        ours.sendall(b"x" * 10_000_000)
    assert told == [1, 1]


def test_what_does_not_fit_at_once_is_sent_in_order(ends: Ends) -> None:
    ours, theirs = ends
    data = bytes(range(256)) * 8000
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(ours.sendall, data)
        found = b""
        while len(found) < len(data):
            found += theirs.recv(100_000)
        sent.result()
    assert found == data


def test_a_client_that_sends_nothing(ends: Ends) -> None:
    ours, _ = ends
    with pytest.raises(ConnectionResetError, match="silent"):
        ours.recv(10)
    assert ours.has_given_up


def test_a_client_that_takes_nothing(ends: Ends) -> None:
    ours, _ = ends
    with pytest.raises(ConnectionResetError, match="silent"):
        ours.sendall(b"x" * 10_000_000)
    assert ours.has_given_up


def test_a_client_that_takes_nothing_of_a_file(ends: Ends, tmp_path: Path) -> None:
    ours, _ = ends
    (tmp_path / "file").write_bytes(b"x" * 10_000_000)
    with (tmp_path / "file").open("rb") as file:
        with pytest.raises(ConnectionResetError, match="silent"):
            ours.sendfile(file, 0, 10_000_000)
        assert ours.has_given_up
        assert 0 < file.tell() < 10_000_000


def test_a_part_of_a_file(ends: Ends, tmp_path: Path) -> None:
    ours, theirs = ends
    (tmp_path / "file").write_bytes(b"0123456789")
    with (tmp_path / "file").open("rb") as file:
        assert ours.sendfile(file, 3, 4) == 4
        assert ours.sendfile(file, 8) == 2
        # A file that has become shorter: who is told the length gets less.
        assert ours.sendfile(file, 8, 100) == 2
        # Where it stands says how far it was sent.
        assert file.tell() == 10
    assert theirs.recv(100) == b"34568989"


def test_another_time(ends: Ends) -> None:
    ours, theirs = ends
    assert ours.gettimeout() == A_MOMENT
    ours.setblocking(False)
    ours.settimeout(2 * A_MOMENT)
    assert ours.gettimeout() == 2 * A_MOMENT
    with pytest.raises(ConnectionResetError):
        ours.recv(1)
    theirs.sendall(b"a")
    assert ours.recv(1) == b"a"


def test_whoever_sends_little_has_an_end_too(ends: Ends) -> None:
    ours, theirs = ends
    ours.settimeout(60)
    ours.deadline = time.monotonic() + A_MOMENT
    theirs.sendall(b"a")
    assert ours.recv(1) == b"a"
    with pytest.raises(ConnectionResetError):
        ours.recv(1)


@pytest.mark.parametrize("seconds", [None, 0, -1])
def test_nobody_is_waited_for_for_ever(ends: Ends, seconds: float | None) -> None:
    with pytest.raises(ValueError, match="for ever"):
        ends[0].settimeout(seconds)

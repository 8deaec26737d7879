"""Which connections are ended when a client says nothing."""

import contextlib
import socket
import time

import pytest

from pyregistry.silent_clients import SilentClients
from tests.factories.served import wait_until


@pytest.fixture
def opened():
    with contextlib.ExitStack() as stack:
        yield stack.enter_context


@pytest.fixture
def listener(opened):
    found = opened(socket.create_server(("127.0.0.1", 0)))
    found.settimeout(10)
    return found


@pytest.fixture
def connect(opened, listener):
    """Both ends of a connection by which a request has come."""

    def connected():
        client = opened(socket.create_connection(listener.getsockname()))
        served = opened(listener.accept()[0])
        client.sendall(b"request")
        assert served.recv(100) == b"request"
        served.setblocking(False)
        return client, served

    return connected


def is_ended(served):
    try:
        return served.recv(1) == b""
    except BlockingIOError:
        return False


def test_client_that_is_waited_for_in_vain(connect, listener):
    silent = SilentClients(0.2, keep_alive_seconds=60)
    _, served = connect()
    _, answered = connect()
    time.sleep(0.01)
    answered.sendall(b"answer")
    silent.watch([listener])
    with silent.working(served), silent.reading(served):
        wait_until(lambda: is_ended(served))
    # It waits for the next request, which is another matter.
    assert not is_ended(answered)


def test_request_that_is_worked_on_is_not_taken_for_one_that_is_waited_for(connect, listener):
    silent = SilentClients(0.2, keep_alive_seconds=60)
    _, served = connect()
    _, worked_on = connect()
    silent.watch([listener])
    with silent.working(served), silent.reading(served):
        with silent.working(worked_on):
            time.sleep(0.6)
            assert not is_ended(worked_on)
            assert not is_ended(served)
            worked_on.sendall(b"answer")
        wait_until(lambda: is_ended(served))
    assert not is_ended(worked_on)


def test_client_that_takes_nothing(connect, listener):
    silent = SilentClients(0.2, keep_alive_seconds=60)
    _, served = connect()
    with contextlib.suppress(BlockingIOError):
        while True:
            served.send(bytes(100_000))
    silent.watch([listener])
    wait_until(lambda: is_ended(served))


def test_nobody_is_waited_for(connect, listener):
    silent = SilentClients(0.1, keep_alive_seconds=60)
    _, served = connect()
    silent.watch([listener])
    time.sleep(0.5)
    assert not is_ended(served)


def test_connections_of_others_are_left_alone(connect, opened):
    silent = SilentClients(0.1, keep_alive_seconds=60)
    _, served = connect()
    silent.watch([opened(socket.create_server(("127.0.0.1", 0)))])
    with silent.working(served), silent.reading(served):
        time.sleep(0.5)
    assert not is_ended(served)

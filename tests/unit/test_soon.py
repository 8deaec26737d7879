"""Work that waits a moment."""

import os
import threading
from collections.abc import Callable

import pytest

from pyregistry.soon import Soon

PATIENCE = 10
A_MOMENT = 0.05


class Work:
    """Counts how often it is done."""

    def __init__(self) -> None:
        self.done = 0
        self.changed = threading.Condition()

    def __call__(self) -> None:
        with self.changed:
            self.done += 1
            self.changed.notify_all()

    def wait_for(self, times: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.done >= times, PATIENCE)


def test_once_for_all_who_ask() -> None:
    work = Work()
    soon = Soon(A_MOMENT, work)
    for _ in range(100):
        soon()
    assert work.done == 0
    work.wait_for(1)
    soon()
    work.wait_for(2)
    assert work.done == 2


def test_who_asks_while_it_is_done_asks_again() -> None:
    done = Work()

    def work() -> None:
        done()
        if done.done == 1:
            soon()

    soon = Soon(A_MOMENT, work)
    soon()
    done.wait_for(2)


def test_a_child_that_is_forked_asks_anew() -> None:
    read, write = os.pipe()
    soon = Soon(PATIENCE, lambda: None)
    soon()
    child = os.fork()
    if child == 0:
        soon._seconds = 0  # the child cannot be waited for as long as the parent
        soon._work = lambda: os.write(write, b"x")
        soon()
        threading.Event().wait(PATIENCE)
        os._exit(0)
    try:
        assert os.read(read, 1) == b"x"
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(read)
        os.close(write)


def test_at_the_end_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_timer: threading.Timer) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Timer, "start", start)
    work = Work()
    refused: Callable[[], None] = Soon(A_MOMENT, work)
    refused()
    assert work.done == 1

"""Lines of the log that are written together."""

import io
import logging
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from pyregistry.log_batches import BatchingHandler

PATIENCE = 10


class Noting(io.StringIO):
    """A stream that counts how often it is written to."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        return super().write(text)


@pytest.fixture
def stream() -> Noting:
    return Noting()


@pytest.fixture
def logger(stream: Noting) -> logging.Logger:
    """A logger of the test's own."""
    logger = logging.Logger("of a test", logging.INFO)
    logger.addHandler(BatchingHandler(stream))
    return logger


def wait_for(stream: Noting, text: str) -> None:
    end = time.monotonic() + PATIENCE
    while text not in stream.getvalue() and time.monotonic() < end:
        time.sleep(0.01)


def test_lines_are_written_together_and_soon(logger: logging.Logger, stream: Noting) -> None:
    for number in range(5):
        logger.info("line %d", number)
    assert stream.getvalue() == ""
    wait_for(stream, "line 4")
    assert stream.getvalue() == "".join(f"line {number}\n" for number in range(5))
    assert stream.writes == 1
    logger.info("another")
    wait_for(stream, "another")
    assert stream.getvalue().endswith("another\n")


def test_a_warning_is_written_at_once_and_in_order(logger: logging.Logger, stream: Noting) -> None:
    logger.info("first")
    logger.warning("second")
    assert stream.getvalue() == "first\nsecond\n"


def test_many_lines_do_not_wait(logger: logging.Logger, stream: Noting) -> None:
    for number in range(1000):
        logger.info("line %d", number)
    assert stream.getvalue().count("\n") == 1000


def test_the_end_writes_what_waits(logger: logging.Logger, stream: Noting) -> None:
    logger.info("last")
    logger.handlers[0].flush()
    assert stream.getvalue() == "last\n"


def test_a_fork_writes_nothing_twice(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with file.open("a") as stream:
        handler = BatchingHandler(stream)
        logger = logging.Logger("of a test", logging.INFO)
        logger.addHandler(handler)
        logger.info("before")
        child = os.fork()
        logger.info("after")
        handler.flush()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
    assert sorted(file.read_text().split()) == ["after", "after", "before"]


def test_from_several_threads(logger: logging.Logger, stream: Noting) -> None:
    def write() -> None:
        for _ in range(500):
            logger.info("line")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    logger.handlers[0].flush()
    assert stream.getvalue() == "line\n" * 2000


def test_what_cannot_be_formatted_breaks_nothing(
    logger: logging.Logger, stream: Noting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    logger.info("%d", "no number")
    logger.warning("next")
    assert stream.getvalue() == "next\n"

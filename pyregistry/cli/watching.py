"""Showing how far a command is."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyregistry.stages import Unwatched, Watcher


@contextmanager
def watcher_of() -> Iterator[Watcher]:
    """A watcher that shows what it is told on standard error, where that is a terminal."""
    yield Unwatched()

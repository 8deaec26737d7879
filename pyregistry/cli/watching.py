"""Showing how far a command is that does one thing after the other."""

import sys
from contextlib import ExitStack
from threading import Lock
from types import TracebackType
from typing import NoReturn, Self

import click

from pyregistry.cli.progress import CountLine, ProgressLine
from pyregistry.cli.stopping import Stopping
from pyregistry.progress import Meter


class Watching:
    """Shows every stage on a line of its own, or in a bar, on standard error.

    While it is open, a signal that stops the command lets go of what is in work, as `Stopping`
    says. For the main thread only.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._open = ExitStack()
        self._line: ProgressLine | CountLine | None = None
        self._meter = Meter()
        self._name = ""
        self._stopping = Stopping(self._end)

    def stage(self, name: str, count: int, size: int) -> None:
        """Begin a line, and end the one before."""
        with self._lock:
            self._open.close()
            self._meter = Meter()
            self._meter.expect(count, size)
            self._name = name
            if size and sys.stderr.isatty():
                click.echo(f"{name}:", err=True)
            self._line = ProgressLine() if size else CountLine()
            self._open.enter_context(self._line)

    def advance(self, size: int) -> None:
        """Show that one more is done."""
        with self._lock:
            self._meter.advance(size)
            self._meter.finish(failed=False)
            now = self._meter.now
            if isinstance(self._line, ProgressLine):
                self._line.show(now)
            elif self._line is not None:
                done, total = now.done_objects, now.total_objects
                told = f"{done:,} of {total:,}" if total else f"{done:,}"
                self._line.show(f"{self._name}: {told}")

    def say(self, text: str) -> None:
        """Print a line that stays, above the bar."""
        with self._lock:
            if isinstance(self._line, CountLine):
                self._line.say(text)
                return
            if self._line is not None and sys.stderr.isatty():
                click.echo("\r\x1b[K", err=True, nl=False)
            click.echo(text, err=True)

    def __enter__(self) -> Self:
        self._stopping.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()
        self._stopping.__exit__(kind, error, traceback)
        if self._stopping():
            click.echo("It was stopped. Run it again to go on.", err=True)

    def _end(self) -> NoReturn:
        raise SystemExit(self._stopping.status)

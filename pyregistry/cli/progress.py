"""How far a command has come: a bar where somebody looks at it, else a line now and then.

Everything goes to standard error; reports are on standard output.
"""

import shutil
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from math import ceil
from types import TracebackType
from typing import Any, Final, Self

import click

from pyregistry.progress import Progress
from pyregistry.sentences import shown_size

_BETWEEN_LINES: Final = 10.0
_BETWEEN_BARS: Final = 0.1
"""Seconds."""

_ROOM_OF_BAR: Final = 14
"""Columns of a bar that can still be read, with its brackets."""


class ProgressLine:
    """Shows progress until it is closed: objects, bytes, bytes a second, the time that is left."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = clock()
        self._stream = sys.stderr
        self._is_terminal = self._stream.isatty()
        self._open = ExitStack()
        self._bar: Any = None
        self._next = self._begun if self._is_terminal else self._begun + _BETWEEN_LINES
        self._last: Progress | None = None

    def __enter__(self) -> Self:
        if self._is_terminal:
            bar: AbstractContextManager[Any] = click.progressbar(
                length=1,
                show_eta=False,
                show_percent=False,
                item_show_func=lambda text: text,
                bar_template="[%(bar)s] %(info)s",
                fill_char="=",
                empty_char=" ",
                width=0,
                file=self._stream,
            )
            self._bar = self._open.enter_context(bar)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._last is not None and self._is_terminal:
            self._draw(self._last)
        self._open.close()

    def show(self, now: Progress) -> None:
        """Show how far it is, unless it was shown a moment ago."""
        self._last = now
        if self._clock() < self._next:
            return
        if self._is_terminal:
            self._next = self._clock() + _BETWEEN_BARS
            self._draw(now)
        else:
            self._next = self._clock() + _BETWEEN_LINES
            click.echo(self.text_of(now), err=True)

    def text_of(self, now: Progress) -> str:
        """`3 of 12 objects, 1.5 MiB of 6.0 MiB (25 %), 0.5 MiB/s, 0:00:09 left`."""
        elapsed = max(self._clock() - self._begun, 0.001)
        rate = now.done_bytes / elapsed
        parts = [
            f"{now.done_objects:,} of {now.total_objects:,} objects",
            f"{shown_size(now.done_bytes)} of {shown_size(now.total_bytes)}"
            f" ({int(100 * share_of(now))} %)",
            f"{shown_size(int(rate))}/s",
        ]
        if rate > 0:
            left = timedelta(seconds=ceil((now.total_bytes - now.done_bytes) / rate))
            parts.append(f"{left} left")
        if now.failures:
            parts.append(f"{now.failures:,} wrong")
        return ", ".join(parts)

    def _draw(self, now: Progress) -> None:
        room = shutil.get_terminal_size().columns - _ROOM_OF_BAR
        bar = self._bar
        bar.length = max(now.total_bytes, 1)
        # A total that grows makes an end out of date.
        bar.finished = False
        bar.pos = int(bar.length * share_of(now))
        bar.current_item = self.text_of(now)[:room]
        bar.render_progress()


def share_of(now: Progress) -> float:
    """How much is done, from 0 to 1: by bytes, or where all files are empty, by files."""
    if now.total_bytes:
        return min(now.done_bytes / now.total_bytes, 1.0)
    return now.done_objects / now.total_objects if now.total_objects else 1.0


class CountLine:
    """Shows one line that changes, where nobody knows how much there is in all."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._is_terminal = sys.stderr.isatty()
        self._next = clock() + (0 if self._is_terminal else _BETWEEN_LINES)
        self._is_shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._wipe()

    def show(self, text: str) -> None:
        """Show a line instead of the last one, unless one was shown a moment ago."""
        if self._clock() < self._next:
            return
        if self._is_terminal:
            self._next = self._clock() + _BETWEEN_BARS
            self._wipe()
            click.echo(text[: shutil.get_terminal_size().columns - 1], err=True, nl=False)
            self._is_shown = True
        else:
            self._next = self._clock() + _BETWEEN_LINES
            click.echo(text, err=True)

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self._wipe()
        click.echo(text, err=True)

    def _wipe(self) -> None:
        if self._is_shown:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._is_shown = False

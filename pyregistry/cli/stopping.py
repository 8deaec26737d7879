"""Ending a long command well: by Ctrl-C, or by SIGTERM as service managers send it."""

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_STATUS_OF_SIGNALS: Final = 128
"""What shells add to the number of a signal that ended a command."""


class Stopping:
    """While it is open, the first signal asks to stop, and the second one ends the process.

    Calling it says whether somebody asked; `ask` is called when somebody does, by the signal's
    handler: it takes no lock. For the main thread only.
    """

    def __init__(self, ask: Callable[[], object] | None = None) -> None:
        self._ask = ask
        self._received: int | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __call__(self) -> bool:
        return self._received is not None

    @property
    def status(self) -> int:
        """The exit status of a command that was stopped, as if the signal had ended it."""
        return _STATUS_OF_SIGNALS + (self._received or 0)

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self._received = number
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        if self._ask is not None:
            self._ask()

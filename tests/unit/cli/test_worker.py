"""`pyregistry worker`, as far as it is the command's."""

import signal

import pytest

from pyregistry.jobs.worker import Worker
from tests.unit.cli.conftest import Command


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_stops_a_worker_and_any_second_one_ends_it(
    command: Command, first: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def run(worker: Worker, *, once: bool) -> None:
        signal.raise_signal(first)
        seen.append(worker._stop.is_asked())
        seen.extend(signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT))

    monkeypatch.setattr(Worker, "run", run)
    command.succeeds("setup")
    command.succeeds("worker")
    assert seen == [True, signal.SIG_DFL, signal.SIG_DFL]

"""The rounds of a run: each measures every target once for each kind of work."""

import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.comparison.asks import NotOffered, Skipped
from benchmarks.comparison.results import Results, WorkResult
from benchmarks.comparison.target import Target
from benchmarks.comparison.works import Setting, Work


def say(text: str) -> None:
    """Tell who watches what is going on."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def start_all(stack: ExitStack, targets: Sequence[Target]) -> tuple[list[Target], dict[str, str]]:
    """Start targets, which end with the stack: those that run, and why others do not."""
    running: list[Target] = []
    failed: dict[str, str] = {}
    for target in targets:
        say(f"starting {target.name}")
        stack.callback(target.stop)
        try:
            target.start()
        except Exception as error:  # noqa: BLE001 -- the others are measured all the same
            failed[target.name] = _reason(error)
            say(f"{target.name} failed: {failed[target.name]}")
        else:
            running.append(target)
    return running, failed


def measure_all(
    results: Results,
    works: Sequence[Work],
    targets: Sequence[Target],
    options: "Rounds",
    failed: dict[str, str],
) -> None:
    """Measure targets at all kinds of work, in turns. What fails is written down as such."""
    for work in works:
        results.works[work.name] = WorkResult(work.title, work.unit, work.less_is_better)
        for name, reason in failed.items():
            results.outcome(work.name, name).failed = reason
    for number in range(options.rounds):
        for work in works:
            say(f"round {number + 1} of {options.rounds}: {work.title}")
            setting = Setting(options.folder, options.seconds, number)
            for target in targets:
                _measure(results, work, target, setting)
        options.after_round(results)


class Rounds:
    """How often and how long is measured."""

    def __init__(
        self,
        folder: Path,
        rounds: int,
        seconds: float,
        after_round: Callable[[Results], None] = lambda _: None,
    ) -> None:
        self.folder, self.rounds, self.seconds = folder, rounds, seconds
        self.after_round = after_round


def _measure(results: Results, work: Work, target: Target, setting: Setting) -> None:
    outcome = results.outcome(work.name, target.name)
    if outcome.failed is not None or outcome.not_offered is not None:
        return
    try:
        measured = work.measure(target, setting)
    except Skipped:
        if not outcome.rounds:
            del results.works[work.name].targets[target.name]
    except NotOffered as error:
        outcome.not_offered = str(error)
    except Exception as error:  # noqa: BLE001 -- the others are measured all the same
        outcome.failed = _reason(error)
        say(f"  {target.name:<18} failed: {outcome.failed}")
    else:
        outcome.rounds.append(measured.value)
        outcome.details.append(dict(measured.details))
        say(f"  {target.name:<18} {measured.value:12,.1f} {work.unit}")


def _reason(error: Exception) -> str:
    """One line of what went wrong."""
    text = str(error).strip() or "".join(traceback.format_exception_only(error)).strip()
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {text[-300:]} ({Path(place.filename).name}:{place.lineno})"

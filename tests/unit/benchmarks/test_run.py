"""Rounds: in turns, and what fails loses nothing of the others."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.comparison.asks import NotOffered, Skipped
from benchmarks.comparison.results import Results
from benchmarks.comparison.run import Rounds, measure_all, start_all
from benchmarks.comparison.works import Measured


class Counting:
    """A work that notes whom it measured, and fails as the target says."""

    name = title = "counting"
    unit = "requests/s"
    less_is_better = False

    def __init__(self) -> None:
        self.order: list[str] = []

    def measure(self, target: Any, setting: Any) -> Measured:
        self.order.append(target.name)
        if target.wrong is not None and setting.number >= target.wrong_from:
            raise target.wrong
        return Measured(float(len(self.order)), {})


class Named:
    """A target that does nothing."""

    def __init__(self, name: str, wrong: Exception | None = None, wrong_from: int = 0) -> None:
        self.name, self.wrong, self.wrong_from = name, wrong, wrong_from
        self.stopped = False

    def start(self) -> None:
        if self.name == "broken":
            raise OSError("it does not start")

    def stop(self) -> None:
        self.stopped = True


def _measured(tmp_path: Path, *targets: Named) -> tuple[Results, Counting]:
    results, work = Results("test", {}, {}), Counting()
    measure_all(results, [work], targets, Rounds(tmp_path, 3, 1), {"broken": "it does not start"})
    return results, work


def test_every_round_measures_every_target(tmp_path: Path) -> None:
    results, work = _measured(tmp_path, Named("one"), Named("two"))
    assert work.order == ["one", "two"] * 3
    assert results.works["counting"].targets["one"].rounds == [1, 3, 5]


def test_what_fails_is_told_and_loses_nothing_of_the_others(tmp_path: Path) -> None:
    failing = Named("failing", ValueError("it ended"), wrong_from=1)
    results, work = _measured(tmp_path, failing, Named("one"))
    outcome = results.works["counting"].targets["failing"]
    assert "it ended" in str(outcome.failed)
    assert outcome.median is None
    assert work.order == ["failing", "one", "failing", "one", "one"]
    assert len(results.works["counting"].targets["one"].rounds) == 3
    assert results.works["counting"].targets["broken"].failed == "it does not start"


def test_what_a_target_does_not_have_is_not_asked_again(tmp_path: Path) -> None:
    results, work = _measured(
        tmp_path, Named("old", NotOffered("no ETag")), Named("other", Skipped())
    )
    assert results.works["counting"].targets["old"].not_offered == "no ETag"
    assert "other" not in results.works["counting"].targets
    assert work.order.count("old") == 1


def test_a_target_that_does_not_start_is_ended_like_the_others() -> None:
    targets = [Named("broken"), Named("one")]
    with ExitStack() as stack:
        running, failed = start_all(stack, targets)
        assert [each.name for each in running] == ["one"]
        assert "it does not start" in failed["broken"]
    assert [each.stopped for each in targets] == [True, True]

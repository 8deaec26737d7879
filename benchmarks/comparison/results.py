"""What a run has found, as it is written down."""

import json
import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Outcome:
    """What one target did at one kind of work: a measurement for each round, or why there is none.

    `details` are those of the round in the middle.
    """

    rounds: list[float] = field(default_factory=list)
    failed: str | None = None
    not_offered: str | None = None
    details: list[dict[str, float]] = field(default_factory=list)

    @property
    def median(self) -> float | None:
        """None where nothing was measured, or a round has failed."""
        return statistics.median(self.rounds) if self.rounds and self.failed is None else None

    def detail(self, name: str) -> float | None:
        """The median of a detail; None where no round has it."""
        found = [each[name] for each in self.details if name in each]
        return statistics.median(found) if found else None


@dataclass
class WorkResult:
    """What all targets did at one kind of work."""

    title: str
    unit: str
    less_is_better: bool
    targets: dict[str, Outcome] = field(default_factory=dict)

    def median(self, target: str) -> float | None:
        """Of a target; None where it was not measured."""
        outcome = self.targets.get(target)
        return None if outcome is None else outcome.median

    def ratio(self, target: str, other: str) -> float | None:
        """How many times as good as another target one is; None where one is not measured."""
        mine, theirs = self.median(target), self.median(other)
        if not mine or not theirs:
            return None
        return theirs / mine if self.less_is_better else mine / theirs

    def best(self, targets: tuple[str, ...]) -> str | None:
        """The best of some targets; None where none was measured."""
        medians = {name: median for name in targets if (median := self.median(name)) is not None}
        choose = min if self.less_is_better else max
        return choose(medians, key=lambda name: medians[name]) if medians else None


@dataclass
class Results:
    """A run: where, how, and what came out."""

    name: str
    machine: dict[str, Any]
    options: dict[str, Any]
    works: dict[str, WorkResult] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    """Why a whole stage was given up."""

    def outcome(self, work: str, target: str) -> Outcome:
        """Where the measurements of a target belong."""
        return self.works[work].targets.setdefault(target, Outcome())

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        document = asdict(self)
        for work, result in self.works.items():
            for target, outcome in result.targets.items():
                document["works"][work]["targets"][target]["median"] = outcome.median
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_rounded(document), indent=1) + "\n")


def read(path: Path) -> Results:
    """The results of a file."""
    document = json.loads(path.read_text())
    works = {name: _work(each) for name, each in document.pop("works").items()}
    return Results(**document, works=works)


def _work(document: dict[str, Any]) -> WorkResult:
    targets = {}
    for name, each in document.pop("targets").items():
        each.pop("median", None)
        targets[name] = Outcome(**each)
    return WorkResult(**document, targets=targets)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, Mapping):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return value

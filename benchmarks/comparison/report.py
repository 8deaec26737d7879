"""Tables of the results of a run, in Markdown."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.comparison.bars import Verdict, verdicts
from benchmarks.comparison.results import Outcome, Results, WorkResult

PEERS = ("devpi", "pypiserver")
_COMPARED = ("bare", "nginx")


def write_table(results: Results, path: Path) -> str:
    """Write all tables into a file; the text."""
    text = "\n".join(lines_of(results)) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return text


def lines_of(results: Results) -> Iterator[str]:
    """The bars, every measurement, and the machine."""
    yield f"# {results.name}"
    yield ""
    yield from machine_lines(results)
    yield ""
    yield from bar_lines(results)
    for work in results.works.values():
        yield ""
        yield f"## {work.title}"
        yield ""
        yield from work_lines(work)
    for failure in results.failures:
        yield ""
        yield f"failed: {failure}"


def machine_lines(results: Results) -> Iterator[str]:
    """What was measured on, and how."""
    for name, value in {**results.machine, **results.options}.items():
        yield f"- {name.replace('_', ' ')}: {value}"


def bar_lines(results: Results) -> Iterator[str]:
    """Every bar, and whether it is reached."""
    yield "| bar | target | wanted | found | |"
    yield "|---|---|---|---|---|"
    for verdict in verdicts(results):
        sign = "≥" if verdict.at_least else "≤"
        wanted = f"{sign} {_with_unit(verdict.wanted, verdict)}"
        found = _with_unit(verdict.found, verdict) if verdict.found is not None else "-"
        word = {True: "reached", False: "**missed**", None: "not measured"}[verdict.passed]
        yield f"| {verdict.bar} | {verdict.target} | {wanted} | {found} | {word} |"


def work_lines(work: WorkResult) -> Iterator[str]:
    """The targets of a work, the best first, with their ratios to the others."""
    best = work.best(PEERS)
    compared = [name for name in (*_COMPARED, best) if name and work.median(name)]
    heads = "".join(f" of {name} |" for name in compared)
    yield f"| target | {work.unit} | rounds |{heads} besides |"
    yield f"|---|---:|---|{'---:|' * len(compared)}---|"
    for name, outcome in sorted(work.targets.items(), key=lambda item: _order(work, item)):
        median = outcome.median
        if median is None:
            reason = f"failed: {outcome.failed}" if outcome.failed else outcome.not_offered
            yield f"| {name} | - | {reason} |{' |' * len(compared)} |"
            continue
        rounds = f"{number(min(outcome.rounds))} to {number(max(outcome.rounds))}"
        ratios = "".join(f" {_ratio(work, name, other)} |" for other in compared)
        yield f"| {name} | {number(median)} | {rounds} |{ratios} {_besides(outcome)} |"


def number(value: float) -> str:
    """Three digits that mean something."""
    if abs(value) >= 100:  # noqa: PLR2004
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _order(work: WorkResult, item: tuple[str, Outcome]) -> tuple[bool, float]:
    median = item[1].median
    if median is None:
        return True, 0
    return False, median if work.less_is_better else -median


def _ratio(work: WorkResult, target: str, other: str) -> str:
    ratio = work.ratio(target, other)
    if ratio is None:
        return "-"
    return f"{ratio * 100:.0f} %" if ratio < 2 else f"{number(ratio)} times"  # noqa: PLR2004


def _besides(outcome: Outcome) -> str:
    said = []
    for name, label, divisor in (
        ("p99", "p99 ms", 1),
        ("first_byte_ms", "first byte ms", 1),
        ("answer_bytes", "bytes", 1),
        ("memory_more", "MB over idle", 1e6),
        ("unchanged", "ms without a change", 1),
        ("broken", "broken off", 1),
    ):
        value = outcome.detail(name)
        if value:
            said.append(f"{label} {number(value / divisor)}")
    shares = {
        name.removeprefix("share_"): outcome.detail(name) or 0
        for details in outcome.details
        for name in details
        if name.startswith("share_")
    }
    said += [
        f"{name} {share:.0f} %" for name, share in sorted(shares.items(), key=lambda item: -item[1])
    ]
    return ", ".join(said)


def _with_unit(value: float, verdict: Verdict) -> str:
    """A ratio as percents where it is less than two times."""
    if verdict.unit != "times":
        return f"{number(value)} {verdict.unit}"
    return f"{value * 100:.0f} %" if verdict.wanted < 1 else f"{number(value)} times"

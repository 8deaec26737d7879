"""What the registry has to reach, reckoned from the results of a run."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.comparison.results import Results

_DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Verdict:
    """A bar, and whether a target reaches it."""

    bar: str
    target: str
    found: float | None
    """None where it was not measured."""
    wanted: float
    at_least: bool
    """Or at most."""
    unit: str = "times"

    @property
    def passed(self) -> bool | None:
        """None where it was not measured."""
        if self.found is None:
            return None
        return self.found >= self.wanted if self.at_least else self.found <= self.wanted


def verdicts(results: Results) -> list[Verdict]:
    """Every bar that a run says something about; what it did not measure is left out."""
    found = [verdict for bar in _BARS for verdict in bar(results)]
    return [verdict for verdict in found if verdict.found is not None]


def _ratios(
    bar: str, work: str, other: str, wanted: dict[str, float], front: str = ""
) -> Callable[[Results], Iterator[Verdict]]:
    """That a target is at least so many times as good as another one."""

    def reckon(results: Results) -> Iterator[Verdict]:
        result = results.works.get(work)
        for kind, least in wanted.items():
            target = kind + front
            ratio = result.ratio(target, other) if result else None
            yield Verdict(f"{bar}, of {other}", target, ratio, least, at_least=True)

    return reckon


def _both(number: float) -> dict[str, float]:
    return dict.fromkeys(_DATABASES, number)


def _details(
    bar: str, work: str, detail: str, wanted: float, unit: str, *, divisor: float = 1
) -> Callable[[Results], Iterator[Verdict]]:
    """That a detail of a measurement is at most so much."""

    def reckon(results: Results) -> Iterator[Verdict]:
        result = results.works.get(work)
        for target in _DATABASES:
            outcome = result.targets.get(target) if result else None
            value = outcome.detail(detail) if outcome else None
            found = None if value is None else value / divisor
            yield Verdict(bar, target, found, wanted, at_least=False, unit=unit)

    return reckon


def _absolute(
    bar: str,
    work: str,
    wanted: float,
    unit: str,
    *,
    at_least: bool,
    fronts: tuple[str, ...] = ("",),
) -> Callable[[Results], Iterator[Verdict]]:
    """That a median is at least, or at most, so much."""

    def reckon(results: Results) -> Iterator[Verdict]:
        result = results.works.get(work)
        for front in fronts:
            for kind in _DATABASES:
                median = result.median(kind + front) if result else None
                yield Verdict(bar, kind + front, median, wanted, at_least=at_least, unit=unit)

    return reckon


def _group_page(results: Results) -> Iterator[Verdict]:
    group, project = results.works.get("page-of-group"), results.works.get("page-of-project")
    for target in _DATABASES:
        one = group.median(target) if group else None
        other = project.median(target) if project else None
        found = other / one if one and other else None
        bar = "page of a large group, the time of a project's page"
        yield Verdict(bar, target, found, 1.5, at_least=False)


def _large_upload(results: Results) -> Iterator[Verdict]:
    result = results.works.get("upload-large")
    for target in _DATABASES:
        ratio = result.ratio("copy", target) if result else None
        bar = "upload of 2 GiB, the time to copy and hash it"
        yield Verdict(bar, target, ratio, 1.3, at_least=False)


def _installs(results: Results) -> Iterator[Verdict]:
    """Ranges overlap where the quickest of the one is within those of the other."""
    result = results.works.get("install")
    static = result.targets.get("nginx") if result else None
    for target in _DATABASES:
        own = result.targets.get(target) if result else None
        found = None
        if own and static and own.rounds and static.rounds:
            found = min(own.rounds) / max(static.rounds)
        bar = "uv pip install of the tree: quickest, of the slowest from nginx"
        yield Verdict(bar, target, found, 1.0, at_least=False)


def _growth(results: Results) -> Iterator[Verdict]:
    """What a registry of each size does, of what the smallest one does."""
    for work, what in (("page", "pages"), ("upload", "uploads"), ("list", "lists")):
        result = results.works.get(f"growth-{work}")
        for kind in _DATABASES:
            sizes = {
                int(found[1].replace(",", "")): name
                for name in (result.targets if result else ())
                if (found := re.fullmatch(rf"{kind} ([\d,]+)", name))
            }
            for size in sorted(sizes)[1:]:
                ratio = result.ratio(sizes[size], sizes[min(sizes)]) if result else None
                bar = f"growth: {what}, of those with {min(sizes):,} files"
                yield Verdict(bar, sizes[size], ratio, 0.8, at_least=True)


_BARS: tuple[Callable[[Results], Iterator[Verdict]], ...] = (
    *(
        reckon
        for media in ("html", "json")
        for title in (f"simple page, 10 files, {media.upper()}",)
        for reckon in (
            _ratios(title, f"page-10-{media}", "bare", {"sqlite": 0.6, "postgresql": 0.4}),
            _ratios(title, f"page-10-{media}", "devpi", _both(12)),
        )
    ),
    *(
        reckon
        for media in ("html", "json")
        for title in (f"simple page, 1,000 files, {media.upper()}, gzip",)
        for reckon in (
            _ratios(title, f"page-1000-{media}", "bare", _both(0.5)),
            _ratios(title, f"page-1000-{media}", "devpi", _both(150)),
        )
    ),
    _ratios("conditional request", "not-modified", "bare", {"sqlite": 0.65, "postgresql": 0.45}),
    _ratios("simple page through nginx", "page-10-html", "nginx", _both(0.4), "-nginx"),
    _absolute(
        "changes that show at once",
        "freshness",
        1,
        "of 1",
        at_least=True,
        fronts=("", "-nginx"),
    ),
    _group_page,
    _ratios("root index of 100,000 names, bytes/s", "root-index", "bare", _both(0.8)),
    _ratios("the same, gzip", "root-index-gzip", "bare", _both(0.8)),
    _details("root index, first byte", "root-index", "first_byte_ms", 50, "ms"),
    _details("root index, memory over idle", "root-index", "memory_more", 100, "MB", divisor=1e6),
    _details("page after an upload elsewhere", "page-after-upload", "ratio", 1.2, "times"),
    _ratios("download of 10 KB through nginx", "download-small", "nginx", _both(0.9), "-nginx"),
    _ratios("download of 200 MiB through nginx", "download-large", "nginx", _both(0.9), "-nginx"),
    _absolute("download of 200 MiB", "download-large", 500, "MB/s", at_least=True),
    _details(
        "download of 200 MiB, memory over idle",
        "download-large",
        "memory_more",
        20,
        "MB",
        divisor=1e6,
    ),
    _ratios("upload of 10 KB wheels", "uploads", "devpi", _both(2.5)),
    _large_upload,
    _details(
        "upload of 2 GiB, memory over idle", "upload-large", "memory_more", 100, "MB", divisor=1e6
    ),
    _installs,
    _absolute("start to the first answer", "start", 1, "s", at_least=False),
    _growth,
)

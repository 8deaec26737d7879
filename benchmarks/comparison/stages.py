"""The three parts of a run: all targets side by side, a large registry, and growth."""

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from benchmarks.comparison import corpus, growth, large
from benchmarks.comparison.bodies import Copying, LargeDownload, LargeUpload
from benchmarks.comparison.ceiling import Bare
from benchmarks.comparison.changes import AfterUpload, Freshness
from benchmarks.comparison.field import Field
from benchmarks.comparison.installing import Installing, keep_tree
from benchmarks.comparison.nginx import StaticNginx, keep_answer
from benchmarks.comparison.profiling import Profile
from benchmarks.comparison.registry import Holding, Registry
from benchmarks.comparison.results import Results
from benchmarks.comparison.run import Rounds, measure_all, say, start_all
from benchmarks.comparison.services import Services
from benchmarks.comparison.target import Target
from benchmarks.comparison.works import Asking, Work, asks_of, field_works

DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Plan:
    """What a run was told."""

    sizes: corpus.Sizes
    rounds: int
    seconds: float
    only: Collection[str]
    """Names of works; empty means all."""
    targets: Sequence[str]
    folder: Path
    peers: Path
    save: Callable[[Results], None]

    def chosen(self, works: Sequence[Work]) -> list[Work]:
        """Those that were asked for."""
        return [work for work in works if not self.only or work.name in self.only]

    def times(self, rounds: int | None = None) -> Rounds:
        """How often is measured."""
        return Rounds(self.folder, rounds or self.rounds, self.seconds, self.save)


def all_works(sizes: corpus.Sizes) -> list[Work]:
    """Everything that can be measured."""
    of_field = [*field_works(sizes.pages), *_later_works(sizes)]
    return [*of_field, *large.works(sizes), *growth.works()]


def _later_works(sizes: corpus.Sizes) -> list[Work]:
    return [
        AfterUpload(),
        Freshness(),
        Profile(),
        LargeDownload(sizes.large_download),
        Installing(),
        LargeUpload(sizes.large_upload),
    ]


def run_field(plan: Plan, results: Results) -> None:
    """All targets with the same corpus."""
    asking = plan.chosen(field_works(plan.sizes.pages))
    later = plan.chosen(_later_works(plan.sizes))
    if not asking and not later:
        return
    names = [work.name for work in later]
    with ExitStack() as stack:
        field = Field(plan.folder, plan.peers, plan.sizes.pages, stack)
        results.machine["postgresql"] = field.services.postgresql_version
        say("making the corpus")
        _capture(field, asking, later, plan.folder)
        targets, failed = start_all(stack, field.targets(plan.targets))
        short = [work for work in later if work.name not in {"install", "upload-large"}]
        measure_all(results, [*asking, *short], targets, plan.times(), failed)
        if "install" in names:
            works = [work for work in later if work.name == "install"]
            measure_all(results, works, targets, plan.times(plan.sizes.installs), failed)
        if "upload-large" in names:
            # SeaweedFS has no room for them, and nginx in front works on the same data.
            able = [each for each in targets if each.name in DATABASES]
            works = [work for work in later if work.name == "upload-large"]
            measure_all(results, works, [Copying(), *able], plan.times(), failed)


def _capture(field: Field, asking: Sequence[Work], later: Sequence[Work], folder: Path) -> None:
    """Write down what the registry answers, before anything that serves the same is started."""
    source = field.registry()
    source.start()
    try:
        field.capture(asks_of(list(asking)), source)
        for work in later:
            try:
                _prepare(field, work, source, folder)
            except Exception as error:  # noqa: BLE001 -- the other works are measured all the same
                say(f"{work.name} cannot be prepared: {error!r}")
    finally:
        source.stop()


def _prepare(field: Field, work: Work, source: Registry, folder: Path) -> None:
    if isinstance(work, LargeDownload):
        work.publish(source, folder)
        field.capture([work.ask], source)
    if isinstance(work, Installing):
        keep_tree(field.captures, source)


def run_large(plan: Plan, results: Results) -> None:
    """A large registry on each kind of database, and the same bytes from others."""
    works = plan.chosen(large.works(plan.sizes))
    kinds = [kind for kind in DATABASES if kind in plan.targets]
    if not works or not kinds:
        return
    folder = plan.folder / "large"
    with ExitStack() as stack:
        services = _services(folder, stack)
        registries = _registries(
            kinds, folder, services, stack, lambda holding: large.fill_large(holding, plan.sizes)
        )
        say(f"making a registry of {plan.sizes.names:,} packages")
        captures = folder / "captures"
        running, failed = start_all(stack, registries)
        if running:
            for work in works:
                if isinstance(work, (Asking, large.RootIndex)):
                    keep_answer(captures, work.ask, running[0].question(work.ask))
        others: list[Target] = [
            *([Bare(folder / "bare", captures)] if "bare" in plan.targets else []),
            *([StaticNginx(folder / "nginx", captures)] if "nginx" in plan.targets else []),
        ]
        more, more_failed = start_all(stack, others)
        measure_all(results, works, [*more, *running], plan.times(), {**failed, **more_failed})


def run_growth(plan: Plan, results: Results) -> None:
    """Registries of each size on each kind of database."""
    works = plan.chosen(growth.works())
    kinds = [kind for kind in DATABASES if kind in plan.targets]
    if not works or not kinds:
        return
    with ExitStack() as stack:
        services = _services(plan.folder / "growth", stack)
        targets: list[Target] = []
        for files in plan.sizes.growth:
            folder = plan.folder / "growth" / str(files)
            targets += _registries(
                kinds,
                folder,
                services,
                stack,
                partial(growth.fill_growth, files=files),
                partial(growth.target_name, files=files),
            )
        running, failed = start_all(stack, targets)
        measure_all(results, works, running, plan.times(), failed)


def _services(folder: Path, stack: ExitStack) -> Services:
    folder.mkdir()
    services = Services(folder)
    stack.callback(services.close)
    return services


def _registries(
    kinds: Sequence[str],
    folder: Path,
    services: Services,
    stack: ExitStack,
    fill: Callable[[Holding], None],
    name: Callable[[str], str] = str,
) -> list[Target]:
    """Registries of some kinds, not started; they are filled when they are."""

    def holding(kind: str) -> Holding:
        url = services.sqlite() if kind == "sqlite" else services.postgresql()
        made = Holding(url, folder / f"{kind}-data")
        stack.callback(made.close)
        fill(made)
        return made

    kept = cache(holding)
    return [Registry(name(kind), folder / kind, partial(kept, kind)) for kind in kinds]

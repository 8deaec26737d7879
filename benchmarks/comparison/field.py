"""All targets, with the same corpus: pages, conditional requests, downloads, uploads."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.comparison import corpus
from benchmarks.comparison.asks import Ask
from benchmarks.comparison.ceiling import Bare
from benchmarks.comparison.nginx import StaticNginx, keep_answer
from benchmarks.comparison.peers import Devpi, Pypiserver, environment
from benchmarks.comparison.registry import Holding, Registry, fill_corpus
from benchmarks.comparison.services import Services
from benchmarks.comparison.target import Target
from benchmarks.comparison.works import FILES_OF_PEERS
from tests.factories.distributions import Distribution

REGISTRIES = ("sqlite", "postgresql", "s3")
PEERS = ("devpi", "pypiserver")
NAMES = (
    *REGISTRIES,
    *(f"{name}-nginx" for name in REGISTRIES),
    *("bare", "nginx"),
    *PEERS,
)


class Field:
    """The targets of a run, and what they share."""

    def __init__(self, folder: Path, peers: Path, pages: tuple[int, ...], stack: ExitStack) -> None:
        self._folder = folder
        self._peers = peers
        self.services = Services(folder)
        stack.callback(self.services.close)
        self._stack = stack
        self._holdings: dict[str, Holding] = {}
        self.pages = {
            number: list(corpus.versions(corpus.PACKAGES[number], number)) for number in pages
        }
        self.captures = folder / "captures"

    def targets(self, wanted: Sequence[str]) -> list[Target]:
        """The targets of these names, not started."""
        made: dict[str, Callable[[], Target]] = {
            "bare": lambda: Bare(self._folder / "bare", self.captures),
            "nginx": lambda: StaticNginx(self._folder / "nginx", self.captures),
            "devpi": lambda: self._peer(Devpi),
            "pypiserver": lambda: self._peer(Pypiserver),
        }
        for name in REGISTRIES:
            for front in ("", "-nginx"):
                made[name + front] = partial(self._registry, name + front, name, bool(front))
        return [make() for name, make in made.items() if name in wanted]

    def capture(self, asks: Sequence[Ask], registry: Registry) -> None:
        """Write down what a registry that runs answers, for those who serve the same."""
        for ask in asks:
            keep_answer(self.captures, ask, registry.question(ask))

    def registry(self, kind: str = "sqlite") -> Registry:
        """One more registry on the same data, not started."""
        return self._registry(f"{kind}-source", kind, False)

    def _registry(self, name: str, kind: str, in_front: bool) -> Registry:
        folder = self._folder / name
        return Registry(name, folder, partial(self._holding, kind), in_front=in_front)

    def _holding(self, kind: str) -> Holding:
        """The data of a kind of registry, filled when first asked for."""
        if kind not in self._holdings:
            url = self.services.sqlite() if kind == "sqlite" else self.services.postgresql()
            settings = self.services.s3.environ(download="stream") if kind == "s3" else {}
            holding = Holding(url, self._folder / f"{kind}-data", settings)
            self._stack.callback(holding.close)
            fill_corpus(holding, self.pages)
            self._holdings[kind] = holding
        return self._holdings[kind]

    def _peer(self, kind: type[Devpi] | type[Pypiserver]) -> Target:
        folder = self._folder / kind.name
        return kind(folder, environment(self._peers), self._corpus_of_peers())

    def _corpus_of_peers(self) -> Iterator[Distribution]:
        yield corpus.small()
        yield from corpus.tree()
        for number, files in self.pages.items():
            if number <= FILES_OF_PEERS:
                yield from files

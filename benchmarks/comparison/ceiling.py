"""The bare Pyramid view as a target: the ceiling of the framework."""

from pathlib import Path

from benchmarks.comparison.asks import Ask, NotOffered, Question
from benchmarks.comparison.nginx import with_validator
from benchmarks.comparison.served import Served, bare_ini
from benchmarks.comparison.target import Upload
from tests.factories.distributions import Distribution


class Bare:
    """A Pyramid view that returns the answers of the registry, under the same server."""

    name = "bare"

    def __init__(self, folder: Path, captures: Path) -> None:
        self.captures = captures
        self.served = Served(folder, bare_ini(folder, captures), {})

    def start(self) -> None:
        """Start it; it reads the answers once."""
        self.served.start()

    def stop(self) -> None:
        """End it."""
        self.served.stop()

    def question(self, ask: Ask) -> Question:
        """An answer by its key."""
        if not (self.captures / ask.key).exists():
            raise NotOffered("the answer of the registry is not known")
        question = Question(self.served.port, f"/{ask.key}", ask.headers)
        return with_validator(question) if ask.conditional else question

    def upload(self, _distribution: Distribution) -> Upload:
        """It takes none."""
        raise NotOffered("it takes no files")

    @property
    def processes(self) -> list[int]:
        """The ids of its processes."""
        return self.served.processes

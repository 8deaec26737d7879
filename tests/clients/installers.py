"""The clients that install, each in an environment of its own that a test may change."""

from dataclasses import dataclass
from pathlib import Path

from tests.clients.environments import OWN_COMMANDS, Environments
from tests.clients.workstation import Argument, Outcome, Workstation

KINDS = ("pip newest", "pip oldest", "uv")
"""The oldest pip is the first that works on Python 3.11: it reads HTML pages alone."""

_ENVIRONMENTS = {"pip newest": "pip-newest", "pip oldest": "pip-oldest", "uv": "pip-newest"}


@dataclass(frozen=True)
class Installer:
    """A client and the interpreter of the environment that it installs into."""

    kind: str
    python: Path
    workstation: Workstation

    @classmethod
    def new(cls, kind: str, environments: Environments, workstation: Workstation) -> "Installer":
        """An installer with a new environment, which has setuptools to build with."""
        target = workstation.home.parent / "environment"
        python = environments.copy(_ENVIRONMENTS[kind], target)
        return cls(kind, python, workstation)

    @property
    def is_uv(self) -> bool:
        """Whether it is uv; else it is pip."""
        return self.kind == "uv"

    def run(self, *arguments: Argument, **environ: str) -> Outcome:
        """Run it with these arguments and no index but what they name."""
        if self.is_uv:
            return self.workstation.run(OWN_COMMANDS / "uv", *arguments, **environ)
        return self.workstation.run(self.python, "-m", "pip", *arguments, **environ)

    def install(self, *arguments: Argument, **environ: str) -> Outcome:
        """Install into its environment."""
        if self.is_uv:
            command: tuple[Argument, ...] = ("pip", "install", "--python", self.python)
            return self.run(*command, *arguments, **environ)
        return self.run("install", *arguments, **environ)

    def installed(self, name: str) -> str | None:
        """The version of a package in its environment; None where it is not there."""
        code = (
            "import importlib.metadata as m, sys\n"
            "found = [d.version for d in m.distributions() if d.name == sys.argv[1]]\n"
            "print(*found)"
        )
        outcome = self.workstation.run(self.python, "-c", code, name)
        assert outcome.status == 0, outcome.output
        return outcome.output or None

"""The projects in `projects/`, as somebody has them checked out and built."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECTS = Path(__file__).parent / "projects"


@dataclass(frozen=True)
class Checkout:
    """A project with its built distributions in `dist/`."""

    folder: Path
    package: str

    @property
    def distributions(self) -> list[Path]:
        """The built files."""
        return sorted((self.folder / "dist").iterdir())

    @property
    def filenames(self) -> set[str]:
        """Their names."""
        return {path.name for path in self.distributions}


class Builds:
    """Builds projects, each at most once, and hands out copies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built = cache(self._build)

    def checkout(self, package: str, target: Path, *, changed: bool = False) -> Checkout:
        """A built project in a new folder; `changed` has other code in the same version."""
        shutil.copytree(self._built(package, changed), target)
        return Checkout(target, package)

    def _build(self, package: str, changed: bool) -> Path:
        folder = self._folder / f"{package}-{changed}"
        shutil.copytree(PROJECTS / package, folder)
        if changed:
            for module in folder.rglob("*.py"):
                if module.name != "setup.py":
                    module.write_text(module.read_text() + "\n# Changed.\n")
        if (folder / "pyproject.toml").exists() and "flit" not in package:
            done = subprocess.run(
                [sys.executable, "-m", "build", "--no-isolation", str(folder)],
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
        return folder

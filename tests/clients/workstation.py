"""Where a user works: a home folder, a working folder, and an environment without surprises."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.clients.server import PATIENCE

Argument = str | Path


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and all that it printed, on one line."""

    status: int
    output: str


class Workstation:
    """Runs clients as a user of a fresh machine would."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.work = folder / "work"
        self.home.mkdir()
        self.work.mkdir()

    @property
    def environ(self) -> dict[str, str]:
        """Nothing of the settings of whoever runs the tests."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "TERM": "dumb",
            "COLUMNS": "1000",
            "NO_PROXY": "*",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INPUT": "1",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }

    def run(self, *command: Argument, folder: Path | None = None, **environ: str) -> Outcome:
        """Run a command to its end."""
        done = subprocess.run(
            [str(part) for part in command],
            env={**self.environ, **environ},
            cwd=folder or self.work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
        return Outcome(done.returncode, " ".join(done.stdout.split()))

    def write(self, path: str, text: str) -> Path:
        """Write a file into the home folder."""
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        # Clients refuse passwords in files that others may read.
        file.chmod(0o600)
        return file

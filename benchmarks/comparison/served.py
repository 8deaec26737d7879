"""`pserve` with the server of production.ini."""

import os
import re
from pathlib import Path
from typing import Final

from benchmarks.comparison.target import descendants, ended, started
from tests.clients.environments import OWN_COMMANDS, REPOSITORY
from tests.faults.programs import Program, lasting_ports


class Served:
    """One `pserve` process with its workers. `settings` is what the environment says."""

    def __init__(self, folder: Path, ini: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (self.port,) = lasting_ports(1)
        self.ini = ini
        self._settings = settings
        self._program = Program(folder / "server.log")

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the server."""
        return {
            "PATH": f"{OWN_COMMANDS}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "PORT": str(self.port),
            # What is installed may be another checkout than the one that is measured.
            "PYTHONPATH": str(REPOSITORY),
            **self._settings,
        }

    def launch(self) -> None:
        """Start it, and do not wait."""
        self._program.start([OWN_COMMANDS / "pserve", self.ini], self.environ, self.folder)

    def start(self, path: str = "/") -> None:
        """Start it and wait until this path is answered."""
        self.launch()
        started(self._program, self.port, self.folder.name, path)

    def stop(self) -> None:
        """End it. Safe to repeat."""
        ended(self._program)

    @property
    def log(self) -> str:
        """What it has said."""
        return self._program.log

    @property
    def processes(self) -> list[int]:
        """The ids of its processes."""
        return descendants(self._program.pid)


SERVER_VARIABLE: Final = "BENCHMARK_SERVER"
"""Names another server of ours than that of production.ini, for everything that is measured."""


def _production_ini() -> str:
    text = (REPOSITORY / "production.ini").read_text()
    server = os.environ.get(SERVER_VARIABLE)
    if not server:
        return text
    text, changed = re.subn(
        r"(?m)^use = egg:pyregistry-server#\w+$", f"use = egg:pyregistry-server#{server}", text
    )
    assert changed == 1, "production.ini names no server of ours"
    return text


def production_ini(folder: Path) -> Path:
    """production.ini in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    ini = folder / "production.ini"
    ini.write_text(_production_ini())
    return ini


def bare_ini(folder: Path, captures: Path) -> Path:
    """production.ini with the bare view instead of the registry, and nothing else changed."""
    text = _production_ini()
    section = (
        f"[app:main]\npaste.app_factory = benchmarks.comparison.bare:main\ncaptures = {captures}\n"
    )
    text, changed = re.subn(r"(?ms)^\[app:main\].*?(?=^\[)", section + "\n", text)
    assert changed == 1, "production.ini has no section app:main"
    ini = folder / "bare.ini"
    folder.mkdir(parents=True, exist_ok=True)
    ini.write_text(text)
    return ini

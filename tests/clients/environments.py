"""Virtual environments with clients of exact versions, and old Pythons.

An environment is built once and kept in pytest's cache folder. What it holds is
written in `requirements/<name>.txt`; to renew one, here that of poetry:

    echo poetry==2.5.1 | uv pip compile - --universal --python-version 3.11 \\
        --no-header --no-annotate -o tests/clients/requirements/poetry.txt
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
REQUIREMENTS = Path(__file__).parent / "requirements"
OWN_COMMANDS = Path(sys.executable).parent
"""Where the commands of the environment that runs the tests are."""


class Environments:
    """The environments in one folder; safe to use from several processes at once.

    `near` is a folder of this process, on the disk on which its tests write.
    """

    def __init__(self, folder: Path, near: Path) -> None:
        self._folder = folder
        self._near = near

    def commands(self, name: str) -> Path:
        """The folder with the commands of an environment, which is built where it is missing."""
        requirements = REQUIREMENTS / f"{name}.txt"
        target = self._folder / f"{name}-{_digest(requirements)}"
        with self._only_one_builds(target):
            if not (target / "complete").exists():
                shutil.rmtree(target, ignore_errors=True)
                _run(sys.executable, "-m", "venv", "--without-pip", str(target))
                pip = ("-m", "pip", "--quiet", "--disable-pip-version-check")
                interpreter = str(target / "bin" / "python")
                what = ("install", "--requirement", str(requirements))
                _run(sys.executable, *pip, "--python", interpreter, *what)
                (target / "complete").touch()
        return target / "bin"

    def copy(self, name: str, target: Path) -> Path:
        """A copy of an environment that a test may change: the path of its interpreter."""
        near = self._near / name
        if not near.exists():
            shutil.copytree(self.commands(name).parent, near, symlinks=True)
        # Thousands of files, which no client writes into: it puts others in their place.
        shutil.copytree(near, target, symlinks=True, copy_function=os.link)
        return target / "bin" / "python"

    def wheel_package(self) -> Path:
        """A folder with the package `wheel`, of a version for Python 2.7 and 3.6."""
        requirements = REQUIREMENTS / "setup-py.txt"
        target = self._folder / f"setup-py-{_digest(requirements)}"
        with self._only_one_builds(target):
            if not (target / "complete").exists():
                shutil.rmtree(target, ignore_errors=True)
                pip = ("-m", "pip", "--quiet", "--disable-pip-version-check")
                what = ("install", "--no-deps", "--target", str(target))
                _run(sys.executable, *pip, *what, "--requirement", str(requirements))
                (target / "complete").touch()
        return target

    @contextmanager
    def _only_one_builds(self, target: Path) -> Iterator[None]:
        with target.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def find_python(version: str) -> str | None:
    """The interpreter of a Python such as `2.7`, on the path or known to pyenv; None without."""
    command = f"python{version}"
    known = _output({}, "pyenv", "whence", command) or ""
    for pyenv_version in ("", *known.split()):
        environ = {"PYENV_VERSION": pyenv_version} if pyenv_version else {}
        found = _output(environ, command, "-c", "import sys; print(sys.executable)")
        if found is not None:
            return found
    return None


def _output(environ: dict[str, str], *command: str) -> str | None:
    """What a command prints; None where there is none or it fails."""
    try:
        done = subprocess.run(
            command, env={**os.environ, **environ}, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _digest(requirements: Path) -> str:
    what = requirements.read_bytes() + sys.version.encode()
    return hashlib.sha256(what).hexdigest()[:12]


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"

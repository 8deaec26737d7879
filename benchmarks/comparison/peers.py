"""Other registries, installed by name into an environment of the harness."""

import json
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urljoin, urlsplit

from benchmarks.comparison.answers import answer_to, checked
from benchmarks.comparison.asks import Ask, Media, NotOffered, Question
from benchmarks.comparison.nginx import with_validator
from benchmarks.comparison.sending import send_all
from benchmarks.comparison.target import Upload, descendants, ended, started
from tests.factories import uploads
from tests.factories.distributions import Distribution
from tests.factories.world import fields_of
from tests.faults.programs import Program, lasting_ports

REQUIREMENTS = ("devpi-server", "pypiserver[cache]")
_USERNAME, _PASSWORD = "bench", "benchmark"
_INDEX = f"{_USERNAME}/main"


def environment(folder: Path) -> Path:
    """The folder with the commands of the peers; they are installed where they are missing.

    pip takes them from the index that it is configured for.
    """
    commands = folder / "bin"
    if not (folder / "complete").exists():
        print(f"Installing {' and '.join(REQUIREMENTS)} into {folder} …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = ["-m", "pip", "--disable-pip-version-check", "--quiet"]
        subprocess.run([commands / "python", *pip, "install", *REQUIREMENTS], check=True)
        (folder / "complete").touch()
    return commands


def installed(folder: Path) -> dict[str, str]:
    """The versions of the peers in an environment."""
    code = (
        "import importlib.metadata as m, json;"
        "print(json.dumps({n: m.version(n) for n in ('devpi-server', 'pypiserver', 'waitress')}))"
    )
    python = environment(folder) / "python"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    versions: dict[str, str] = json.loads(done.stdout)
    return versions


class _Peer:
    """What the peers have in common."""

    name = ""

    def __init__(self, folder: Path, commands: Path, corpus: Iterable[Distribution]) -> None:
        self._folder = folder
        self._commands = commands
        self._corpus = corpus
        (self.port,) = lasting_ports(1)
        self._program = Program(folder / "server.log")
        folder.mkdir(parents=True)

    @property
    def _environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self._folder)}

    def stop(self) -> None:
        """End it. Safe to repeat."""
        ended(self._program)

    @property
    def processes(self) -> list[int]:
        """The ids of its processes."""
        return descendants(self._program.pid)


class Devpi(_Peer):
    """devpi-server with its defaults, and no mirror of anything."""

    name = "devpi"

    def start(self) -> None:
        """Start it with an index that holds the corpus.

        To publish it takes minutes, so what it has made of it is kept for other runs.
        """
        files = list(self._corpus)
        kept = self._commands.parent.parent / f"devpi-{_digest(files)}"
        if not kept.exists():
            self._fill(files, kept)
        shutil.copytree(kept, self._folder / "data", symlinks=True)
        self._serve(self._folder / "data")

    def _fill(self, files: Sequence[Distribution], kept: Path) -> None:
        """Publish files and keep the data folder that comes of it."""
        memory = Path("/dev/shm")  # noqa: S108 -- a folder of its own is made there
        with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
            # In memory: it waits for the disk after every file.
            data = Path(folder) / "data"
            subprocess.run(
                [self._commands / "devpi-init", "--serverdir", data, "--no-root-pypi"],
                env=self._environ,
                capture_output=True,
                check=True,
            )
            self._serve(data)
            self._make_index()
            send_all([self.upload(each) for each in files], 1)
            self.stop()
            partial = kept.with_suffix(".part")
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(data, partial, symlinks=True)
            partial.rename(kept)

    def _serve(self, data: Path) -> None:
        command = [
            self._commands / "devpi-server",
            *("--serverdir", data, "--host", "127.0.0.1", "--port", self.port),
            "--offline-mode",
        ]
        self._program.start(command, self._environ, self._folder)
        started(self._program, self.port, self.name)

    def _make_index(self) -> None:
        json_type = {"Content-Type": "application/json"}
        user = json.dumps({"password": _PASSWORD}).encode()
        made = answer_to(Question(self.port, f"/{_USERNAME}", json_type), "PUT", user)
        assert made.status in (200, 201), made
        headers = {**json_type, **_basic()}
        index = json.dumps({"bases": [], "volatile": True}).encode()
        made = answer_to(Question(self.port, f"/{_INDEX}", headers), "PUT", index)
        assert made.status in (200, 201), made

    def question(self, ask: Ask) -> Question:
        """How it is asked; everybody may read."""
        if ask.filename is not None:
            return Question(self.port, self._file_path(ask), ask.headers)
        package = f"{ask.package}/" if ask.package else ""
        question = Question(self.port, f"/{_INDEX}/+simple/{package}", ask.headers)
        return with_validator(question) if ask.conditional else question

    def _file_path(self, ask: Ask) -> str:
        page = self.question(Ask("page", ask.package, media=Media.JSON))
        for file in json.loads(checked(page).body)["files"]:
            if file["filename"] == ask.filename:
                return str(urlsplit(urljoin(page.address, file["url"])).path)
        raise AssertionError(f"devpi has no {ask.filename}")

    def upload(self, distribution: Distribution) -> Upload:
        """How twine publishes a file."""
        kind, body = uploads.twine(
            fields_of(distribution), distribution.filename, distribution.content
        )
        return Upload(self.port, f"/{_INDEX}/", {"Content-Type": kind, **_basic()}, body)


class Pypiserver(_Peer):
    """pypiserver with its cache, on a folder, open to everybody."""

    name = "pypiserver"

    def start(self) -> None:
        """Write the corpus into its folder and start it."""
        packages = self._folder / "packages"
        packages.mkdir()
        for each in self._corpus:
            each.write_to(packages)
        command = [
            *(self._commands / "pypi-server", "run", "-i", "127.0.0.1", "-p", self.port),
            *("--backend", "cached-dir", "--disable-fallback", "-a", ".", "-P", ".", packages),
        ]
        self._program.start(command, self._environ, self._folder)
        started(self._program, self.port, self.name)

    def question(self, ask: Ask) -> Question:
        """How it is asked."""
        if ask.media is Media.JSON:
            raise NotOffered("no JSON")
        if ask.filename is not None:
            return Question(self.port, f"/packages/{ask.filename}", ask.headers)
        question = Question(
            self.port, f"/simple/{ask.package}/" if ask.package else "/simple/", ask.headers
        )
        return with_validator(question) if ask.conditional else question

    def upload(self, distribution: Distribution) -> Upload:
        """How twine publishes a file."""
        kind, body = uploads.twine(
            fields_of(distribution), distribution.filename, distribution.content
        )
        return Upload(self.port, "/", {"Content-Type": kind}, body)


def _digest(files: Iterable[Distribution]) -> str:
    return sha256("".join(each.sha256 for each in files).encode()).hexdigest()[:12]


def _basic() -> dict[str, str]:
    encoded = b64encode(f"{_USERNAME}:{_PASSWORD}".encode()).decode()
    return {"Authorization": f"Basic {encoded}"}

"""`uv pip install` of the tree, with nothing in a cache."""

import json
import os
import shutil
import subprocess
import sys
import time
from base64 import b64decode
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from benchmarks.comparison import corpus
from benchmarks.comparison.answers import checked
from benchmarks.comparison.asks import Ask, Media, Question, Skipped
from benchmarks.comparison.target import Target
from benchmarks.comparison.works import Measured, Setting
from tests.clients.environments import OWN_COMMANDS

INDEX = "simple"
"""The folder of the static index, below that of the captures."""

_SLOW, _ROUNDS_OF_SLOW = {"pypiserver"}, 3


class Installing:
    """The whole of what a CI job does: pages, metadata and wheels of 60 packages."""

    name = "install"
    title = "uv pip install of the 60-package tree, cold"
    unit = "s"
    less_is_better = True

    def measure(self, target: Target, setting: Setting) -> Measured:
        """Seconds, with a cache folder and a target folder of its own."""
        if target.name == "bare" or (target.name in _SLOW and setting.number >= _ROUNDS_OF_SLOW):
            raise Skipped
        folder = setting.folder / "install"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        command = [
            *(str(OWN_COMMANDS / "uv"), "pip", "install", "--quiet", "--no-config"),
            *("--python", sys.executable, "--cache-dir", str(folder / "cache")),
            *("--target", str(folder / "target"), "--index-url", index_address(target)),
            corpus.TREE_TOP,
        ]
        environ = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        began = time.monotonic()
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        took = time.monotonic() - began
        assert done.returncode == 0, done.stderr[-500:]
        packages = len(list((folder / "target").glob("*.dist-info")))
        assert packages == len(corpus.tree_names()), f"{packages} packages were installed"
        shutil.rmtree(folder)
        return Measured(took, {"packages": packages})


def index_address(target: Target) -> str:
    """What `--index-url` is told, with the credentials of the target."""
    question = target.question(Ask(f"{INDEX}/{corpus.TREE_TOP}/index.json", corpus.TREE_TOP))
    host = f"127.0.0.1:{question.port}"
    kind, _, encoded = question.headers.get("Authorization", "").partition(" ")
    credentials = f"{b64decode(encoded).decode()}@" if kind else ""
    return f"http://{credentials}{host}{question.path.partition(corpus.TREE_TOP)[0]}"


def keep_tree(folder: Path, source: Target) -> None:
    """Write the pages, the metadata and the wheels of the tree down, for nginx to serve as files.

    The pages are those of the registry, byte for byte; their links are relative.
    """
    for name in corpus.tree_names():
        page = source.question(Ask("page", name, media=Media.JSON))
        body = checked(page).body
        _write(folder / INDEX / name / "index.json", body)
        for file in json.loads(body)["files"]:
            path = urlsplit(urljoin(page.address, file["url"])).path
            # The index is at the same depth here as there: two folders above is its parent.
            here = folder / path.partition("/-/")[2]
            for suffix in ("", ".metadata"):
                question = Question(page.port, path + suffix, page.headers)
                _write(Path(f"{here}{suffix}"), checked(question).body)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)

"""`pyregistry storage …`: what it prints, and its exit status."""

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pyregistry.cli.progress import CountLine, ProgressLine
from pyregistry.cli.stopping import Stopping
from pyregistry.progress import Progress
from tests.factories.shelves import Shelves
from tests.factories.world import Clock, World, new_components
from tests.unit.cli.conftest import Command


@pytest.fixture
def shelves(command: Command, tmp_path: Path) -> Shelves:
    """The storages of the command's registry, of which `local` is where it looks."""
    clock = Clock()
    components = new_components(command.database_url, tmp_path, clock)
    shelves = Shelves(World(components, clock, None), tmp_path / "shelves")
    shelves.local.prepare()
    ini = command.ini.read_text()
    folder = f"pyregistry.storage.local.folder = {tmp_path / 'shelves' / 'local'}"
    command.ini.write_text(ini.replace("[app:main]", f"[app:main]\n{folder}"))
    return shelves


def test_nothing_is_in_another_storage(command: Command, shelves: Shelves) -> None:
    shelves.publish_many(2)
    assert command.succeeds("storage", "migrate", "--to", "local") == (
        "Moved to local: 0 objects (0 files, 0 bytes)\n"
        "Already there: 2 objects\n"
        "Missing in the source: 0\n"
        "Wrong digest or size: 0\n"
        "Failed: 0\n"
    )


def test_a_storage_that_is_not_configured(command: Command, shelves: Shelves) -> None:
    assert command.refuses("storage", "migrate", "--to", "s3") == (
        "This needs the storage s3, which is not configured: set pyregistry.storage.s3.…"
        " as it was where files lie in it."
    )


def test_where_new_files_go_is_told(command: Command, shelves: Shelves) -> None:
    told = command.succeeds(
        *("storage", "migrate", "--to", "local"),
        PYREGISTRY_STORAGE="s3",
        PYREGISTRY_STORAGE_S3_BUCKET="files",
    )
    assert told.splitlines()[-1] == (
        "New files still go to s3: set pyregistry.storage = local, restart the servers, and run"
        " this again."
    )


def test_all_is_in_order(command: Command, shelves: Shelves) -> None:
    shelves.publish_many(2)
    assert command.succeeds("storage", "verify") == (
        "In order: 2 objects (18 bytes)\nMissing: 0\nWrong digest or size: 0\nFailed: 0\n"
    )


def test_what_is_wrong_is_told_with_its_files(command: Command, shelves: Shelves) -> None:
    sha256 = shelves.publish(b"gone")
    shelves.local.remove(sha256)
    shelves.publish(b"fine", "demo-1.1.tar.gz")
    result = command.run("storage", "verify")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == (
        "In order: 1 object (4 bytes)\n"
        "Missing: 1\n"
        "Wrong digest or size: 0\n"
        "Failed: 0\n"
        f"- {sha256} (missing): The storage local does not hold it\n"
        "    acme/core demo demo-1.0.tar.gz\n"
    )


def test_a_sample(command: Command, shelves: Shelves) -> None:
    shelves.publish_many(10)
    assert "In order: 3 objects" in command.succeeds("storage", "verify", "--sample", "3")
    assert "In order: 5 objects" in command.succeeds("storage", "verify", "--sample", "50%")
    assert command.misused("storage", "verify", "--sample", "some") == (
        "Error: Invalid value for '--sample': give a number such as 1000, or a share such as 5%"
    )


def test_a_sweep(command: Command, shelves: Shelves) -> None:
    shelves.publish(b"named")
    shelves.local.put(b"not named")
    sweep = ("storage", "sweep", "--grace", "0")
    assert command.succeeds(*sweep, "--dry-run") == (
        "Would remove 1 unused object of 2 and 0 unfinished uploads, 9 bytes.\n"
    )
    assert command.succeeds(*sweep) == (
        "Removed 1 unused object of 2 and 0 unfinished uploads, 9 bytes.\n"
    )
    assert command.succeeds("storage", "sweep") == (
        "Removed 0 unused objects of 1 and 0 unfinished uploads, 0 bytes.\n"
    )


def test_a_storage_that_cannot_be_swept_does_not_keep_the_others(
    command: Command, shelves: Shelves
) -> None:
    shelves.local.put(b"not named")
    result = command.run(
        *("storage", "sweep", "--grace", "0"),
        PYREGISTRY_STORAGE="s3",
        PYREGISTRY_STORAGE_S3_BUCKET="files",
        PYREGISTRY_STORAGE_S3_ENDPOINT="http://127.0.0.1:1",
        PYREGISTRY_STORAGE_S3_RETRIES="0",
        PYREGISTRY_STORAGE_S3_ACCESS_KEY="key",
        PYREGISTRY_STORAGE_S3_SECRET_KEY="secret",
    )
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: s3: The S3 service could not be used to")
    assert result.stdout.startswith("Removed 1 unused object of 1 and")


class TestStopping:
    def test_the_first_signal_asks(self) -> None:
        before = signal.getsignal(signal.SIGTERM)
        with Stopping() as stopping:
            assert not stopping()
            signal.raise_signal(signal.SIGTERM)
            assert stopping()
            assert stopping.status == 128 + signal.SIGTERM
            # The next one ends the process.
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
            assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is before


class TestProgress:
    def test_the_text(self) -> None:
        moments = iter([100.0, 110.0, 110.0])
        line = ProgressLine(clock=lambda: next(moments))
        now = Progress(3, 1200, 5 * 1024**2, 20 * 1024**2, failures=2)
        assert line.text_of(now) == (
            "3 of 1,200 objects, 5.0 MiB of 20.0 MiB (25 %), 512 KiB/s, 0:00:30 left, 2 wrong"
        )

    def test_before_anything_is_done(self) -> None:
        line = ProgressLine(clock=lambda: 0.0)
        assert line.text_of(Progress(0, 0)) == (
            "0 of 0 objects, 0 bytes of 0 bytes (100 %), 0 bytes/s"
        )

    def test_lines_now_and_then_where_nobody_watches(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        moment = [0.0]
        with ProgressLine(clock=lambda: moment[0]) as line:
            for second in range(25):
                moment[0] = float(second)
                line.show(Progress(second, 100, second, 100))
        told = capsys.readouterr().err.splitlines()
        assert [text.split(",")[0] for text in told] == ["10 of 100 objects", "20 of 100 objects"]

    def test_a_count_now_and_then(self, capsys: pytest.CaptureFixture[str]) -> None:
        moment = [0.0]
        with CountLine(clock=lambda: moment[0]) as line:
            line.show("first")
            moment[0] = 10.0
            line.show("second")
        assert capsys.readouterr().err == "second\n"


def test_a_bar_on_a_terminal(command: Command, shelves: Shelves) -> None:
    shelves.publish_many(3)
    code = "from pyregistry.cli import main; main()"
    keyboard, terminal = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", code, "--config", command.ini, "storage", "verify"],
        stdout=subprocess.PIPE,
        stderr=terminal,
        env={**os.environ, "COLUMNS": "100"},
        check=False,
        timeout=120,
    )
    os.close(terminal)
    shown = os.read(keyboard, 100_000).decode()
    os.close(keyboard)
    assert done.returncode == 0, shown
    without_escapes = re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]", "", shown)
    last = without_escapes.rstrip().rpartition("\r")[2]
    assert last.startswith("[====")
    assert "3 of 3 objects, 27 bytes of 27 bytes (100 %), " in last
    assert len(last) <= 100

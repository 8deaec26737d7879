"""Processes that count together in a folder: who cleans it, and what becomes of those that end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pyregistry.settings import SettingsError
from pyregistry.watching.shared_folder import processes_of, share

pytestmark = pytest.mark.thorough

PATIENCE = 60
BEGIN = """
import sys
from pathlib import Path
from pyregistry.watching.shared_folder import share, shared_folder
share(Path(sys.argv[1]))
from pyregistry.watching.metrics import Metrics
metrics = Metrics(shared_folder())
metrics.begin()
metrics.page_looked_up(True)
metrics.count()
"""
WAIT = """
print("ready", flush=True)
sys.stdin.read()
"""
SCRAPE = """
from pyregistry.health.checks import Health
from pyregistry.watching.scrape import Scrape
health = Health({"database": lambda: "It is away."})
scrape = Scrape(metrics, health, None, None, connections_limit=1, readings=())
print(scrape.encoded("")[0].decode())
"""
FORK = """
import os
worker = os.fork()
if worker == 0:
    metrics.page_looked_up(True)
    metrics.count()
    os._exit(0)
os.waitpid(worker, 0)
"""


@contextmanager
def counting(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that has a request in progress, and one look into the cache behind it."""
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN + WAIT, folder],
        env=environ(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


def environ() -> dict[str, str]:
    """So that what runs is what is tested."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}


def scraped(folder: Path, more: str = "") -> list[str]:
    """What one more process counts, and then tells of all."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + more + SCRAPE, folder],
        env=environ(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return done.stdout.splitlines()


def hits(count: int) -> str:
    """The line of so many looks into the cache."""
    return f'pyregistry_page_cache_lookups_total{{result="hit"}} {float(count)}'


def in_progress(count: int) -> str:
    """The line of so many requests in progress."""
    return f"pyregistry_requests_in_progress {float(count)}"


def test_who_was_killed_keeps_its_counts_and_holds_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    with counting(folder), counting(folder) as second:
        first = scraped(folder)
        assert hits(3) in first
        assert in_progress(3) in first
        assert len([line for line in first if line.startswith("process_open_fds{")]) == 3
        second.kill()
        second.wait(PATIENCE)
        # With the one that scraped before, two have ended now.
        then = scraped(folder)
        assert hits(4) in then
        assert in_progress(2) in then
        assert len([line for line in then if line.startswith("process_open_fds{")]) == 2
    # Nobody is left: whoever comes now begins anew.
    last = scraped(folder)
    assert hits(1) in last
    assert in_progress(1) in last


def test_a_worker_that_is_forked_counts_too(tmp_path: Path) -> None:
    found = scraped(tmp_path, FORK)
    assert hits(2) in found
    assert in_progress(1) in found


def test_only_what_is_of_metrics_is_removed(tmp_path: Path) -> None:
    for name in ("registry.db", "counter_1.db.gz", "counter_x.db", "other_1.db"):
        (tmp_path / name).touch()
    left = tmp_path / "gauge_livesum_999999999.db"
    left.touch()
    assert processes_of(tmp_path) == ([], [999999999])
    scraped(tmp_path)
    assert not left.exists()
    assert (tmp_path / "registry.db").exists()
    assert len(list(tmp_path.glob("*_1.db*"))) == 2


def test_it_is_too_late_where_the_library_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    import prometheus_client  # noqa: F401, PLC0415 -- as whatever else was loaded before

    with pytest.raises(SettingsError, match="comes too late"):
        share(tmp_path)


def test_a_folder_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(file))
    with pytest.raises(SettingsError, match=r"metrics\.folder = '.*file' cannot be used"):
        share(file)

"""Workers as processes: killed, stopped, and as the command starts them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, select

from pyregistry.clock import utcnow
from pyregistry.db import Database
from pyregistry.jobs.models import Job, JobState
from pyregistry.jobs.services.enqueue import enqueue
from pyregistry.storage.local import LocalStorage
from tests.clients.environments import OWN_COMMANDS, REPOSITORY
from tests.conftest import NewDatabase
from tests.factories import steps

pytestmark = pytest.mark.thorough

PATIENCE = 8
STEPS = 5
SHORT, LONG = "0.5", "3600"
"""Leases in seconds."""

ENVIRON = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY)}


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for something that other processes do."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


class Watched:
    """A job of steps, and the workers that do it."""

    def __init__(self, url: URL, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.database = Database(url)
        self.processes: list[subprocess.Popen[str]] = []
        with self.database.writing() as session:
            arguments = {"folder": str(folder), "steps": STEPS, "halt": 2}
            self.job_id = enqueue(session, steps.NAME, now=utcnow(), arguments=arguments).id

    @property
    def job(self) -> Job:
        """The job as it is now."""
        with self.database.reading() as session:
            return session.get_one(Job, self.job_id)

    @property
    def taken(self) -> int:
        """How many steps were taken."""
        return len(list(self.folder.glob("*.step")))

    def start(self, lease: str) -> subprocess.Popen[str]:
        """Start a worker."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.factories.steps", str(self.folder), lease],
            env=ENVIRON,
            stdin=subprocess.PIPE,
            stderr=(self.folder / "log").open("a"),
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(self.url.render_as_string(hide_password=False) + "\n")
        process.stdin.close()
        self.processes.append(process)
        wait_until((self.folder / f"{process.pid}.ready").exists)
        return process

    def start_and_halt(self, lease: str) -> subprocess.Popen[str]:
        """Start a worker, and wait until it is in the middle of the job."""
        process = self.start(lease)
        wait_until((self.folder / "halted").exists)
        (self.folder / "halted").unlink()
        return process

    def go(self) -> None:
        """Let workers take the other steps."""
        (self.folder / "go").touch()

    def wait_for_the_end(self) -> None:
        """Wait until the job is over, and see that every step was taken once."""
        wait_until(lambda: self.job.finished_at)
        assert self.job.state is JobState.SUCCEEDED, self.job.reason
        assert (self.job.done, self.job.report) == (STEPS, {"steps": STEPS})
        assert self.taken == STEPS

    def end(self) -> None:
        """End every worker that there still is."""
        for process in self.processes:
            process.kill()
            process.wait(PATIENCE)
        self.database.dispose()


@pytest.fixture
def watched(database_url: URL, tmp_path: Path) -> Iterator[Watched]:
    """A job that no worker has begun yet."""
    watched = Watched(database_url, tmp_path)
    yield watched
    watched.end()


def stop(process: subprocess.Popen[str]) -> None:
    """Stop a worker as an administrator does; it must end well."""
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


def test_what_a_killed_worker_leaves_another_one_does(watched: Watched) -> None:
    killed = watched.start_and_halt(SHORT)
    killed.kill()
    killed.wait(PATIENCE)
    assert (watched.job.state, watched.taken) == (JobState.RUNNING, 2)
    name = watched.job.worker
    other = watched.start_and_halt(SHORT)
    assert (watched.job.claim_number, watched.job.attempts) == (2, 2)
    assert watched.job.worker != name
    assert watched.job.reason == f"The worker {name} was lost."
    watched.go()
    watched.wait_for_the_end()
    stop(other)


def test_a_worker_that_is_well_keeps_its_job(watched: Watched) -> None:
    first = watched.start_and_halt(SHORT)
    begun = watched.job.lease_until
    assert begun is not None
    second = watched.start(SHORT)
    # The lease that it began with is long over, and was renewed.
    over = begun + timedelta(seconds=2 * float(SHORT))
    wait_until(lambda: (watched.job.lease_until or begun) > over)
    assert (watched.job.claim_number, watched.job.attempts) == (1, 1)
    watched.go()
    watched.wait_for_the_end()
    assert watched.job.claim_number == 1
    for process in (first, second):
        stop(process)


def test_a_worker_that_hung_writes_nothing_any_more(watched: Watched) -> None:
    hung = watched.start_and_halt(SHORT)
    hung.send_signal(signal.SIGSTOP)
    other = watched.start_and_halt(SHORT)
    hung.send_signal(signal.SIGCONT)
    log = watched.folder / "log"
    wait_until(lambda: "taken by another worker" in log.read_text())
    assert (watched.job.state, watched.job.claim_number) == (JobState.RUNNING, 2)
    watched.go()
    watched.wait_for_the_end()
    for process in (hung, other):
        stop(process)


def test_a_stopped_worker_leaves_its_job_at_once(watched: Watched) -> None:
    # Nobody could wait for the end of this lease.
    stop(watched.start_and_halt(LONG))
    assert (watched.job.state, watched.job.attempts, watched.taken) == (JobState.QUEUED, 0, 2)
    other = watched.start_and_halt(LONG)
    watched.go()
    watched.wait_for_the_end()
    stop(other)


@contextmanager
def command(ini: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`pyregistry` as a process."""
    process = subprocess.Popen(
        [OWN_COMMANDS / "pyregistry", "--config", ini, *arguments],
        env=ENVIRON,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)


def test_the_command_does_what_is_due_and_stops(new_sqlite: NewDatabase, tmp_path: Path) -> None:
    url = new_sqlite()
    ini = tmp_path / "registry.ini"
    ini.write_text(
        "[app:main]\nuse = egg:pyregistry-server\npyregistry.data = data\n"
        f"pyregistry.database.url = {url.render_as_string()}\n"
    )
    LocalStorage(tmp_path / "data" / "files").prepare()
    database = Database(url)

    def done() -> list[str]:
        with database.reading() as session:
            statement = select(Job.kind).where(Job.state == JobState.SUCCEEDED)
            return sorted(session.scalars(statement))

    with command(ini, "worker", "--poll", "0.1") as process:
        wait_until(lambda: len(done()) == 3)
        process.send_signal(signal.SIGTERM)
        output, log = process.communicate(timeout=PATIENCE)
    assert (process.returncode, output) == (0, "")
    assert "job 1 (sweep): succeeded" in log
    assert done() == ["counting", "expiry", "sweep"]
    with command(ini, "worker", "--once") as process:
        assert process.communicate(timeout=PATIENCE) == ("", "")
        assert process.returncode == 0
    database.dispose()

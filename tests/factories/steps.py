"""A worker as a process of its own, with a kind of job that a test can watch.

    python -m tests.factories.steps FOLDER LEASE_SECONDS < address of the database

The job takes steps and leaves a file for each. At the step `halt` it says so and takes no more,
until the file `go` is there.
"""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import pyregistry.models  # noqa: F401 -- tables refer to each other: whoever uses one needs all
from pyregistry.cli.stopping import Stopping
from pyregistry.clock import utcnow
from pyregistry.db import Database
from pyregistry.jobs.stopping import StopRequest
from pyregistry.jobs.work import JobKind, Parts, Work
from pyregistry.jobs.worker import Manner, Worker
from pyregistry.settings import Settings
from pyregistry.storage.storages import Storages

NAME: Final = "steps"


def run(work: Work) -> None:
    """Take the steps that nobody has taken."""
    folder, steps = Path(work.arguments["folder"]), work.arguments["steps"]
    for step in range(steps):
        work.tell(step, steps, unit="steps", report={})
        if step == work.arguments.get("halt"):
            (folder / "halted").touch()
            while not (folder / "go").exists():
                work.check()
                time.sleep(0.01)
        taken = folder / f"{step}.step"
        if not taken.exists():
            # Fails where another worker takes the step at the same time.
            taken.open("x").close()
    work.tell(steps, steps, unit="steps", report={"steps": steps})


def main(folder: str, lease: str) -> None:
    """Work until a signal stops it."""
    settings = Settings.parse({"here": folder}, {})
    stop = StopRequest()
    database = Database(sys.stdin.readline().strip())
    parts = Parts(settings, database, Storages(settings), utcnow)
    manner = Manner(timedelta(seconds=0.05), timedelta(seconds=float(lease)))
    with Stopping(stop.ask):
        (Path(folder) / f"{os.getpid()}.ready").touch()
        Worker(parts, {NAME: JobKind(NAME, run)}, stop, manner).run()


if __name__ == "__main__":
    main(*sys.argv[1:])

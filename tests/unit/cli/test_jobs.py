"""`pyregistry jobs …`, and `pyregistry worker` where it refuses."""

import pytest

from pyregistry.clock import utcnow
from pyregistry.db import Database
from pyregistry.jobs.models import Job, JobState
from pyregistry.jobs.services.claim import Progress, Standing, claim, fail
from pyregistry.jobs.services.enqueue import enqueue
from pyregistry.settings import Settings
from tests.unit.cli.conftest import Command

LEASE = Settings.parse({}, {}).worker_lease


@pytest.fixture
def made(database: Database) -> list[int]:
    """A job that failed once and waits, and one that runs."""
    with database.writing() as session:
        ids = [enqueue(session, kind, now=utcnow()).id for kind in ("sweep", "expiry")]
        first = claim(session, "host:7", ["sweep"], LEASE, utcnow())
        assert first is not None
        fail(session, first, Standing(Progress(3, 10, "objects")), "It broke.", utcnow())
        claim(session, "host:7", ["expiry"], LEASE, utcnow())
    return ids


def test_list(command: Command, made: list[int]) -> None:
    last, first = (line.split("\t") for line in command.succeeds("jobs", "list").splitlines())
    assert last[:4] == ["2", "expiry", "running", "-"]
    assert first[:4] == ["1", "sweep", "queued", "3 of 10 objects"]
    assert (last[-1], first[-1]) == ("-", "It broke.")


def test_list_some(command: Command, made: list[int]) -> None:
    assert command.succeeds("jobs", "list", "--kind", "sweep").startswith("1\tsweep")
    assert command.succeeds("jobs", "list", "--count", "1").startswith("2\texpiry")
    assert command.succeeds("jobs", "list", "--kind", "other") == ""


def test_cancel(command: Command, database: Database, made: list[int]) -> None:
    assert command.succeeds("jobs", "cancel", "1") == "Cancelled: job 1 (sweep).\n"
    asked = "Asked its worker to stop: job 2 (expiry).\n"
    assert command.succeeds("jobs", "cancel", "2") == asked
    assert command.refuses("jobs", "cancel", "1") == "This job has finished already."
    assert command.refuses("jobs", "cancel", "9") == "There is no such job."
    with database.reading() as session:
        assert session.get_one(Job, 1).state is JobState.CANCELLED
        assert session.get_one(Job, 2).cancel_requested_at is not None


@pytest.mark.parametrize("arguments", [("worker", "--once"), ("jobs", "list")])
def test_a_database_without_a_schema(empty: Command, arguments: tuple[str, ...]) -> None:
    sentence = empty.refuses(*arguments)
    assert sentence == "The database has no schema: run 'pyregistry setup'."


def test_looking_for_jobs_all_the_time_is_refused(command: Command) -> None:
    assert "--poll" in command.misused("worker", "--poll", "0")

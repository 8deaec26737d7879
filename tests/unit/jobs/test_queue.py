"""How long the queue is, as Prometheus reads it."""

from pyregistry.jobs.models import JobState
from pyregistry.jobs.services.claim import Standing, finish
from pyregistry.watching.services.queue import describe_queue
from tests.unit.jobs.conftest import LEASE, Jobs

LAST = "last_finished_timestamp_seconds"


def metrics(jobs: Jobs) -> dict[str, float]:
    with jobs.world.components.database.reading() as session:
        return {
            sample.labels.get("state", sample.name.removeprefix("pyregistry_jobs_")): sample.value
            for metric in describe_queue(session, jobs.world.clock())
            for sample in metric.samples
        }


def test_nothing_waits(jobs: Jobs) -> None:
    assert metrics(jobs) == {"queued": 0, "running": 0, "waiting_seconds": 0, LAST: 0}


def test_what_waits_and_runs_and_for_how_long(jobs: Jobs) -> None:
    for _ in range(3):
        jobs.add()
    jobs.claimed()
    jobs.world.clock.advance(seconds=50)
    assert metrics(jobs) == {"queued": 2, "running": 1, "waiting_seconds": 50, LAST: 0}


def test_what_a_lost_worker_has_left_waits_since_its_lease_ended(jobs: Jobs) -> None:
    jobs.add()
    jobs.claimed()
    jobs.world.clock.advance(seconds=LEASE.total_seconds() + 40)
    assert metrics(jobs) == {"queued": 1, "running": 0, "waiting_seconds": 40, LAST: 0}


def test_without_a_worker_no_job_is_made_and_the_last_one_grows_old(jobs: Jobs) -> None:
    jobs.add()
    now = jobs.world.clock()
    jobs.write(finish, jobs.claimed(), JobState.SUCCEEDED, Standing(), now)
    jobs.world.clock.advance(seconds=7200)
    found = metrics(jobs)
    assert found == {"queued": 0, "running": 0, "waiting_seconds": 0, LAST: now.timestamp()}

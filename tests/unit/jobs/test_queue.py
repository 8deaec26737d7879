"""How long the queue is, as Prometheus reads it."""

from pyregistry.watching.services.queue import describe_queue
from tests.unit.jobs.conftest import Jobs


def metrics(jobs: Jobs) -> dict[str, float]:
    with jobs.world.components.database.reading() as session:
        return {
            sample.labels.get("state", "waiting"): sample.value
            for metric in describe_queue(session, jobs.world.clock())
            for sample in metric.samples
        }


def test_nothing_waits(jobs: Jobs) -> None:
    assert metrics(jobs) == {"queued": 0, "running": 0, "waiting": 0}


def test_what_waits_and_runs_and_for_how_long(jobs: Jobs) -> None:
    for _ in range(3):
        jobs.add()
    jobs.claimed()
    jobs.world.clock.advance(seconds=90)
    assert metrics(jobs) == {"queued": 2, "running": 1, "waiting": 90}

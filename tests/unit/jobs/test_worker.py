"""Workers: what becomes of a job, however it ends."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Lock

import pytest

from pyregistry.db import Database
from pyregistry.engines import Connecting
from pyregistry.errors import Invalid
from pyregistry.jobs.errors import Cancelled, ClaimLost
from pyregistry.jobs.heartbeat import Heartbeat
from pyregistry.jobs.models import Job, JobState
from pyregistry.jobs.services.cancel import cancel
from pyregistry.jobs.services.claim import MAXIMUM_ATTEMPTS, Claim
from pyregistry.jobs.work import Work
from pyregistry.storage.errors import StorageUnavailable
from tests.unit.jobs.conftest import LEASE, Jobs

SECRET = "password=hunter2"


def beating(jobs: Jobs, work: Work, claim: Claim) -> Heartbeat:
    """A heartbeat that beats when the test says so."""
    return Heartbeat(jobs.parts.database, claim, work, LEASE, lambda _session: jobs.world.clock())


def go_on(work: Work) -> None:
    """Do nothing for as long as the job may go on."""
    while True:
        work.check()
        time.sleep(0.01)


def test_a_job_is_done_and_reports(jobs: Jobs) -> None:
    def run(work: Work) -> None:
        work.tell(2, 2, unit="files", report={"seen": work.arguments["number"]})

    jobs.kind(run)
    job_id = jobs.add(number=7)
    jobs.work()
    job = jobs.job(job_id)
    assert (job.state, job.reason) == (JobState.SUCCEEDED, None)
    assert (job.done, job.total, job.unit, job.report) == (2, 2, "files", {"seen": 7})


def test_two_workers_do_every_job_once(jobs: Jobs) -> None:
    done: Counter[int] = Counter()
    begin, lock = Barrier(2), Lock()

    def run(work: Work) -> None:
        with lock:
            done[work.arguments["number"]] += 1

    jobs.kind(run)
    for number in range(20):
        jobs.add(number=number)

    def work(_number: int) -> None:
        begin.wait()
        jobs.work()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    jobs.work()
    assert done == Counter(range(20))


def test_a_refusal_is_final(jobs: Jobs) -> None:
    def run(_work: Work) -> None:
        raise Invalid("There is no such storage.")

    jobs.kind(run)
    job_id = jobs.add()
    jobs.work()
    job = jobs.job(job_id)
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert job.reason == "There is no such storage."


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (StorageUnavailable("The bucket does not answer."), "The bucket does not answer."),
        (FileNotFoundError(2, "No such file", SECRET), "No such file."),
        (ValueError(SECRET), "An unexpected error (ValueError): see the log of the worker."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failure_is_tried_again_and_says_why_without_secrets(
    jobs: Jobs, error: Exception, reason: str
) -> None:
    def run(work: Work) -> None:
        if jobs.job(job_id).attempts < MAXIMUM_ATTEMPTS:
            raise error

    jobs.kind(run)
    job_id = jobs.add()
    jobs.work()
    job = jobs.job(job_id)
    assert (job.state, job.attempts, job.reason) == (JobState.QUEUED, 1, reason)
    for _ in range(MAXIMUM_ATTEMPTS):
        jobs.world.clock.advance(hours=1)
        jobs.work()
    job = jobs.job(job_id)
    assert (job.state, job.attempts, job.reason) == (JobState.SUCCEEDED, MAXIMUM_ATTEMPTS, None)


def test_a_worker_that_stops_leaves_its_job_to_another(jobs: Jobs) -> None:
    def run(work: Work) -> None:
        jobs.stop.ask()
        work.tell(1, unit="files", report={})

    jobs.kind(run)
    job_id = jobs.add()
    jobs.worker().run()
    job = jobs.job(job_id)
    assert (job.state, job.attempts, job.done) == (JobState.QUEUED, 0, 1)


def test_a_cancelled_job_ends_and_keeps_its_report(jobs: Jobs) -> None:
    def run(work: Work) -> None:
        work.tell(1, unit="files", report={"moved": 1})
        jobs.write(cancel, job_id, jobs.world.clock())
        # As soon as the lease is renewed.
        work.cancel()
        work.check()

    jobs.kind(run)
    job_id = jobs.add()
    jobs.work()
    job = jobs.job(job_id)
    assert (job.state, job.report) == (JobState.CANCELLED, {"moved": 1})


def test_the_heartbeat_tells_a_job_that_it_is_to_stop(jobs: Jobs) -> None:
    jobs.add()
    claim = jobs.claimed()
    work = Work(claim, jobs.parts, jobs.stop)
    heartbeat = beating(jobs, work, claim)
    heartbeat.beat()
    work.check()
    jobs.write(cancel, claim.job_id, jobs.world.clock())
    heartbeat.beat()
    with pytest.raises(Cancelled):
        work.check()


def test_the_heartbeat_beats_by_itself(jobs: Jobs) -> None:
    job_id = jobs.add()
    claim = jobs.claimed()
    work = Work(claim, jobs.parts, jobs.stop)
    database, lease = jobs.parts.database, timedelta(milliseconds=60)
    jobs.write(cancel, job_id, jobs.world.clock())
    beating_alone = Heartbeat(database, claim, work, lease, lambda _session: jobs.world.clock())
    with beating_alone, pytest.raises(Cancelled):
        go_on(work)


def test_a_job_that_is_another_s_ends_and_writes_nothing(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    def run(work: Work) -> None:
        jobs.world.clock.advance(seconds=60)
        assert jobs.claimed("other").number == 2
        beating(jobs, work, Claim(job_id, "test", {}, 1, "first")).beat()
        work.tell(9, unit="files", report={"moved": 9})

    jobs.kind(run)
    job_id = jobs.add()
    jobs.work()
    job = jobs.job(job_id)
    assert (job.state, job.worker, job.done) == (JobState.RUNNING, "other", 0)
    assert "taken by another worker" in caplog.text


def test_a_job_that_ends_too_late_writes_nothing(jobs: Jobs) -> None:
    def run(_work: Work) -> None:
        jobs.world.clock.advance(seconds=60)
        jobs.claimed("other")

    jobs.kind(run)
    job_id = jobs.add()
    jobs.work()
    assert (jobs.job(job_id).state, jobs.job(job_id).worker) == (JobState.RUNNING, "other")


def test_who_cannot_renew_for_a_whole_lease_gives_the_job_up(jobs: Jobs) -> None:
    jobs.add()
    claim = jobs.claimed()
    work = Work(claim, jobs.parts, jobs.stop)
    passed = [0.0]
    moment = timedelta(milliseconds=20)
    url = jobs.parts.settings.database_url
    impatient = Database(url, Connecting(busy_timeout=moment, statement_timeout=moment))
    heartbeat = Heartbeat(
        impatient, claim, work, LEASE, lambda _session: jobs.world.clock(), lambda: passed[0]
    )
    with jobs.parts.database.writing() as other:
        other.get_one(Job, claim.job_id, with_for_update=True)
        heartbeat.beat()
        work.check()
        passed[0] = LEASE.total_seconds() + 1
        heartbeat.beat()
    impatient.dispose()
    with pytest.raises(ClaimLost):
        work.check()


def test_periodic_jobs_are_made_and_done_by_themselves(jobs: Jobs) -> None:
    done = []
    jobs.kind(lambda _work: done.append(1), interval=LEASE, is_exclusive=True)
    for expected in (1, 1, 2):
        jobs.work()
        assert len(done) == expected
        jobs.world.clock.advance(seconds=30)
    assert jobs.world.count(Job) == 2

"""Claims: one worker at a time, and nothing from whose claim is over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from pyregistry.jobs.errors import ClaimLost, JobFinished, JobNotFound
from pyregistry.jobs.models import JobState
from pyregistry.jobs.services.cancel import cancel
from pyregistry.jobs.services.claim import (
    MAXIMUM_ATTEMPTS,
    Progress,
    Standing,
    fail,
    finish,
    give_back,
    is_waiting,
    renew,
)
from tests.unit.jobs.conftest import LEASE, Jobs

STANDING = Standing(Progress(3, 7, "files"), {"moved": 3})
SUCCEEDED = JobState.SUCCEEDED


def test_no_job_no_claim(jobs: Jobs) -> None:
    assert jobs.claim() is None


def test_a_claim_is_of_one_worker(jobs: Jobs) -> None:
    job_id = jobs.add(number=1)
    claim = jobs.claimed("one")
    assert (claim.job_id, claim.arguments, claim.number) == (job_id, {"number": 1}, 1)
    assert jobs.claim("two") is None
    job = jobs.job(job_id)
    assert (job.state, job.worker, job.attempts) == (JobState.RUNNING, "one", 1)
    assert job.lease_until == jobs.world.clock() + LEASE


def test_the_oldest_comes_first_and_unknown_kinds_stay(jobs: Jobs) -> None:
    jobs.add("newer-than-this-worker")
    first, second = jobs.add(), jobs.add()
    assert [jobs.claimed().job_id for _ in range(2)] == [first, second]
    assert jobs.claim() is None
    with jobs.world.components.database.reading() as session:
        assert not is_waiting(session, ["test"], jobs.world.clock())
        assert is_waiting(session, ["newer-than-this-worker"], jobs.world.clock())


def test_two_workers_never_have_one_job(jobs: Jobs) -> None:
    expected = {jobs.add() for _ in range(30)}
    workers, begin = 4, Barrier(4)

    def take_all(name: str) -> list[int]:
        begin.wait()
        taken = []
        # None is no proof that there is no more: what others look at is passed over.
        while len(taken) < len(expected):
            claim = jobs.claim(name)
            if claim is None:
                break
            taken.append(claim.job_id)
        return taken

    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(take_all, [f"worker {number}" for number in range(workers)]))
    found.append(take_rest(jobs))
    taken = [job_id for each in found for job_id in each]
    assert len(taken) == len(set(taken))
    assert set(taken) == expected


def take_rest(jobs: Jobs) -> list[int]:
    taken = []
    while (claim := jobs.claim("last")) is not None:
        taken.append(claim.job_id)
    return taken


def test_a_renewed_lease_keeps_the_job(jobs: Jobs) -> None:
    job_id = jobs.add()
    claim = jobs.claimed()
    for _ in range(3):
        jobs.world.clock.advance(seconds=59)
        assert jobs.write(renew, claim, STANDING, LEASE, jobs.world.clock()) is False
        assert jobs.claim("two") is None
    job = jobs.job(job_id)
    assert (job.done, job.total, job.unit, job.report) == (3, 7, "files", {"moved": 3})


def test_a_lost_worker_s_job_is_another_s_and_only_that_may_write(jobs: Jobs) -> None:
    job_id = jobs.add()
    lost = jobs.claimed("lost")
    jobs.write(renew, lost, STANDING, LEASE, jobs.world.clock())
    jobs.world.clock.advance(seconds=60)
    other = jobs.claimed("other")
    assert (other.job_id, other.number) == (job_id, 2)
    assert jobs.job(job_id).reason == "The worker lost was lost."
    # It was only slow, and comes back.
    now = jobs.world.clock()
    for attempt in (
        lambda: jobs.write(renew, lost, STANDING, LEASE, now),
        lambda: jobs.write(finish, lost, SUCCEEDED, STANDING, now),
        lambda: jobs.write(give_back, lost, STANDING, now),
        lambda: jobs.write(fail, lost, STANDING, "It broke.", now),
    ):
        with pytest.raises(ClaimLost):
            attempt()
    job = jobs.job(job_id)
    assert (job.state, job.worker, job.done, job.report) == (
        JobState.RUNNING,
        "other",
        0,
        {"moved": 3},
    )
    jobs.write(finish, other, SUCCEEDED, Standing(), now)
    assert jobs.job(job_id).state is SUCCEEDED


def test_what_is_over_is_claimed_by_nobody(jobs: Jobs) -> None:
    job_id = jobs.add()
    jobs.write(finish, jobs.claimed(), SUCCEEDED, STANDING, jobs.world.clock())
    jobs.world.clock.advance(days=1)
    assert jobs.claim() is None
    job = jobs.job(job_id)
    assert (job.state, job.lease_until, job.report) == (SUCCEEDED, None, {"moved": 3})
    assert job.finished_at == jobs.world.clock() - timedelta(days=1)


def test_what_is_given_back_is_another_s_at_once(jobs: Jobs) -> None:
    job_id = jobs.add()
    for _ in range(2 * MAXIMUM_ATTEMPTS):
        jobs.write(give_back, jobs.claimed(), STANDING, jobs.world.clock())
    job = jobs.job(job_id)
    assert (job.state, job.attempts, job.claim_number) == (
        JobState.QUEUED,
        0,
        2 * MAXIMUM_ATTEMPTS,
    )


def test_failures_are_tried_again_after_longer_and_longer_pauses(jobs: Jobs) -> None:
    job_id = jobs.add()
    pauses = []
    for attempt in range(1, MAXIMUM_ATTEMPTS + 1):
        claim = jobs.claimed()
        again = jobs.write(fail, claim, STANDING, f"Attempt {attempt}\nbroke.", jobs.world.clock())
        assert again is (attempt < MAXIMUM_ATTEMPTS)
        if again:
            pauses.append((jobs.job(job_id).run_after - jobs.world.clock()).total_seconds())
            assert jobs.claim() is None
            jobs.world.clock.advance(seconds=pauses[-1])
    assert pauses == [30, 60, 120, 240]
    job = jobs.job(job_id)
    assert (job.state, job.reason) == (JobState.FAILED, "Attempt 5 broke.")


def test_a_job_whose_workers_are_lost_is_given_up(jobs: Jobs) -> None:
    job_id = jobs.add()
    for _ in range(MAXIMUM_ATTEMPTS):
        jobs.claimed("fragile")
        jobs.world.clock.advance(seconds=60)
    assert jobs.claim() is None
    job = jobs.job(job_id)
    assert (job.state, job.reason) == (JobState.FAILED, "The worker fragile was lost.")
    assert job.finished_at == jobs.world.clock()


def test_a_waiting_job_is_cancelled_at_once(jobs: Jobs) -> None:
    job_id = jobs.add()
    jobs.write(cancel, job_id, jobs.world.clock())
    assert jobs.job(job_id).state is JobState.CANCELLED
    assert jobs.claim() is None
    with pytest.raises(JobFinished):
        jobs.write(cancel, job_id, jobs.world.clock())
    with pytest.raises(JobNotFound):
        jobs.write(cancel, job_id + 1, jobs.world.clock())


def test_a_running_job_learns_at_the_next_renewal_that_it_is_to_stop(jobs: Jobs) -> None:
    job_id = jobs.add()
    claim = jobs.claimed()
    for _ in range(2):
        jobs.write(cancel, job_id, jobs.world.clock())
    assert jobs.job(job_id).state is JobState.RUNNING
    assert jobs.write(renew, claim, STANDING, LEASE, jobs.world.clock()) is True


@pytest.mark.parametrize("end", ["lost", "given back", "failed"])
def test_what_is_to_stop_is_not_begun_again(jobs: Jobs, end: str) -> None:
    job_id = jobs.add()
    claim = jobs.claimed()
    jobs.write(cancel, job_id, jobs.world.clock())
    if end == "given back":
        jobs.write(give_back, claim, STANDING, jobs.world.clock())
    elif end == "failed":
        jobs.write(fail, claim, STANDING, "It broke.", jobs.world.clock())
    else:
        jobs.world.clock.advance(seconds=60)
    assert jobs.claim() is None
    assert jobs.job(job_id).state is JobState.CANCELLED

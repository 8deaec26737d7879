"""Making jobs: at most one where a kind says so, and once in each period."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from pyregistry.jobs.errors import JobUnfinished
from pyregistry.jobs.models import Job, JobState
from pyregistry.jobs.moments import database_now
from pyregistry.jobs.services.claim import Standing, fail, finish
from pyregistry.jobs.services.enqueue import enqueue_due, is_due, period_of
from pyregistry.jobs.services.forget import forget_jobs
from pyregistry.jobs.services.listing import jobs_slice
from pyregistry.slices import Window
from tests.unit.jobs.conftest import Jobs

HOUR = timedelta(hours=1)
WORKERS = 4


def test_one_unfinished_job_of_an_exclusive_kind(jobs: Jobs) -> None:
    jobs.add("test", is_exclusive=True)
    jobs.add("other", is_exclusive=True)
    with pytest.raises(JobUnfinished, match="There is a test job that has not finished yet"):
        jobs.add("test", is_exclusive=True)
    claim = jobs.claimed()
    with pytest.raises(JobUnfinished):
        jobs.add("test", is_exclusive=True)
    jobs.write(fail, claim, Standing(), "It broke.", jobs.world.clock())
    with pytest.raises(JobUnfinished):
        jobs.add("test", is_exclusive=True)
    jobs.world.clock.advance(hours=1)
    jobs.write(finish, jobs.claimed(), JobState.SUCCEEDED, Standing(), jobs.world.clock())
    jobs.add("test", is_exclusive=True)


def test_several_jobs_of_other_kinds(jobs: Jobs) -> None:
    assert jobs.add() != jobs.add()


def test_one_of_many_who_ask_at_once(jobs: Jobs) -> None:
    begin = Barrier(WORKERS)

    def ask(_number: int) -> bool:
        begin.wait()
        try:
            jobs.add(is_exclusive=True)
        except JobUnfinished:
            return False
        return True

    with ThreadPoolExecutor(WORKERS) as pool:
        assert sorted(pool.map(ask, range(WORKERS))) == [False] * (WORKERS - 1) + [True]


def test_the_database_itself_refuses_a_second_one(jobs: Jobs) -> None:
    jobs.add(is_exclusive=True)
    second = jobs.add()
    database = jobs.world.components.database
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(text("UPDATE jobs SET is_exclusive = true WHERE id = :id"), {"id": second})


@pytest.mark.parametrize(
    "change", ["state = 'succeeded'", "state = 'running'", "finished_at = created_at"]
)
def test_the_database_refuses_a_state_without_its_times(jobs: Jobs, change: str) -> None:
    jobs.add()
    database = jobs.world.components.database
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(text(f"UPDATE jobs SET {change}"))


def test_periods_are_the_same_for_all() -> None:
    moment = datetime(2026, 11, 23, 17, 42, 3, 500, tzinfo=UTC)
    assert period_of(moment, HOUR) == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert period_of(moment, timedelta(days=1)) == datetime(2026, 11, 23, tzinfo=UTC)
    assert period_of(moment, timedelta(seconds=1)) == moment.replace(microsecond=0)


def due(jobs: Jobs) -> bool:
    with jobs.world.components.database.reading() as session:
        return is_due(session, "test", HOUR, jobs.world.clock())


def test_once_in_each_period_whatever_the_number_of_workers(jobs: Jobs) -> None:
    jobs.world.clock.advance(minutes=10)
    begin = Barrier(WORKERS)

    def make(_number: int) -> bool:
        begin.wait()
        return bool(jobs.write(enqueue_due, "test", HOUR, jobs.world.clock()))

    assert due(jobs)
    with ThreadPoolExecutor(WORKERS) as pool:
        assert sorted(pool.map(make, range(WORKERS))) == [False] * (WORKERS - 1) + [True]
    assert not due(jobs)
    jobs.write(finish, jobs.claimed(), JobState.SUCCEEDED, Standing(), jobs.world.clock())
    # It is done, and due again in the next period only.
    assert not due(jobs)
    assert make_alone(jobs) is False
    jobs.world.clock.advance(minutes=50)
    assert due(jobs)
    assert make_alone(jobs) is True


def make_alone(jobs: Jobs) -> object:
    return jobs.write(enqueue_due, "test", HOUR, jobs.world.clock())


def test_what_was_missed_is_not_made_up_for(jobs: Jobs) -> None:
    make_alone(jobs)
    jobs.world.clock.advance(days=3)
    # The last one was never done, and is enough.
    assert not due(jobs)
    assert make_alone(jobs) is False
    assert jobs.world.count(Job) == 1


def test_old_jobs_are_forgotten_but_the_last_of_each_period(jobs: Jobs) -> None:
    make_alone(jobs)
    jobs.write(finish, jobs.claimed(), JobState.SUCCEEDED, Standing(), jobs.world.clock())
    jobs.world.clock.advance(hours=1)
    make_alone(jobs)
    jobs.write(finish, jobs.claimed(), JobState.SUCCEEDED, Standing(), jobs.world.clock())
    jobs.add()
    jobs.write(finish, jobs.claimed(), JobState.FAILED, Standing(), jobs.world.clock())
    unfinished = jobs.add()
    later = jobs.world.clock() + HOUR
    assert jobs.write(forget_jobs, later, 1) == 1
    assert jobs.write(forget_jobs, later, 10) == 1
    with jobs.world.components.database.reading() as session:
        assert list(session.scalars(select(Job.id).order_by(Job.id))) == [2, unfinished]


def test_lists_have_the_newest_first(jobs: Jobs) -> None:
    first, other, last = jobs.add(), jobs.add("other"), jobs.add()
    with jobs.world.components.database.reading() as session:
        every = jobs_slice(session, Window(10)).rows
        assert [job.id for job in every] == [last, other, first]
        assert [job.id for job in jobs_slice(session, Window(10), kind="other").rows] == [other]


def test_the_clock_of_the_database_is_right(jobs: Jobs) -> None:
    before = datetime.now(UTC)
    with jobs.world.components.database.reading() as session:
        first, second = database_now(session), database_now(session)
    assert before - HOUR < first <= second
    assert first.utcoffset() == timedelta()

"""Workers in this process, on a registry of their own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from pyregistry.jobs.models import Job
from pyregistry.jobs.services.claim import Claim, claim
from pyregistry.jobs.services.enqueue import enqueue
from pyregistry.jobs.stopping import StopRequest
from pyregistry.jobs.work import JobKind, Parts, Work
from pyregistry.jobs.worker import Manner, Worker
from tests.factories.world import World

LEASE = timedelta(minutes=1)


@dataclass
class Jobs:
    """The jobs of a registry, and workers that do them by the clock of the test."""

    world: World
    stop: StopRequest
    kinds: dict[str, JobKind] = field(default_factory=dict)
    lease_seconds: float = 60

    @property
    def parts(self) -> Parts:
        """What jobs work with."""
        components = self.world.components
        return Parts(
            components.settings, components.database, components.storages, components.clock
        )

    def kind(
        self,
        run: Callable[[Work], None],
        *,
        name: str = "test",
        is_exclusive: bool = False,
        interval: timedelta | None = None,
    ) -> None:
        """Have workers know a kind."""
        self.kinds[name] = JobKind(name, run, is_exclusive, interval)

    def add(self, kind: str = "test", *, is_exclusive: bool = False, **arguments: object) -> int:
        """Make a job; its id."""
        with self.world.components.database.writing() as session:
            return enqueue(
                session,
                kind,
                now=self.world.clock(),
                arguments=arguments,
                is_exclusive=is_exclusive,
            ).id

    def claim(self, worker: str = "one", *kinds: str) -> Claim | None:
        """Claim a job, as a worker does."""
        return self.world.components.database.write(
            lambda session: claim(session, worker, kinds or ("test",), LEASE, self.world.clock())
        )

    def claimed(self, worker: str = "one") -> Claim:
        """Claim a job that must be there."""
        found = self.claim(worker)
        assert found is not None
        return found

    def write(self, change: Callable[..., object], *arguments: object, **named: object) -> object:
        """Change something in a transaction of its own."""
        with self.world.components.database.writing() as session:
            return change(session, *arguments, **named)

    def job(self, job_id: int) -> Job:
        """The row of a job as it is now."""
        with self.world.components.database.reading() as session:
            return session.get_one(Job, job_id)

    def worker(self) -> Worker:
        """A worker, which takes its time from the test."""

        def clock(_session: Session) -> object:
            return self.world.clock()

        return Worker(self.parts, self.kinds, self.stop, Manner(LEASE, LEASE, clock))

    def manner(self) -> Manner:
        """How workers work that go by the clock of the database."""
        return Manner(lease=timedelta(seconds=self.lease_seconds))

    def start_again(self) -> None:
        """Have workers work again after a stop."""
        self.stop.close()
        self.stop = StopRequest()

    def work(self) -> None:
        """Do every job that waits."""
        self.worker().run(once=True)


@pytest.fixture
def jobs(world: World) -> Iterator[Jobs]:
    """The jobs of a registry, none yet."""
    jobs = Jobs(world, StopRequest())
    yield jobs
    jobs.stop.close()

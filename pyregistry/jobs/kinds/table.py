"""Every kind of job, by its name."""

from collections.abc import Mapping

from pyregistry.jobs.kinds import counting, expiry, storage_migration, sweep
from pyregistry.jobs.work import JobKind
from pyregistry.settings import Settings


def job_kinds(settings: Settings) -> Mapping[str, JobKind]:
    """The kinds of jobs that workers with these settings do."""
    kinds = (
        JobKind(sweep.NAME, sweep.run, interval=settings.worker_sweep_interval),
        JobKind(expiry.NAME, expiry.run, interval=settings.worker_expiry_interval),
        JobKind(counting.NAME, counting.run, interval=settings.worker_counting_interval),
        JobKind(storage_migration.NAME, storage_migration.run),
    )
    return {kind.name: kind for kind in kinds}

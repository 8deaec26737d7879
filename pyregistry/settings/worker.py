"""Settings of the workers, which do jobs in the background."""

from datetime import timedelta

from pyregistry.settings import parsers
from pyregistry.settings.database import limit
from pyregistry.settings.rows import setting, table


@table
class WorkerSettings:
    """How workers claim jobs, and how often jobs are made by themselves."""

    worker_poll_interval: timedelta = setting(
        "worker.poll_interval",
        parsers.duration("seconds"),
        "5 seconds",
        "duration",
        "How often a worker that has nothing to do looks for a job.",
    )
    worker_lease: timedelta = setting(
        "worker.lease",
        parsers.duration("seconds"),
        "1 minute",
        "duration",
        "After which time without a word from its worker a job is another's; the same for all"
        " workers. A worker gives word six times in it.",
    )
    worker_sweep_interval: timedelta | None = setting(
        "worker.sweep_interval",
        limit("days"),
        "1 day",
        "duration or `off`",
        "How often workers sweep the storages.",
    )
    worker_expiry_interval: timedelta | None = setting(
        "worker.expiry_interval",
        limit("hours"),
        "1 hour",
        "duration or `off`",
        "How often workers delete rows that have ended, such as browser sessions.",
    )
    worker_counting_interval: timedelta | None = setting(
        "worker.counting_interval",
        limit("days"),
        "1 day",
        "duration or `off`",
        "How often workers count again what projects and packages hold.",
    )
    worker_keep_jobs: timedelta = setting(
        "worker.keep_jobs",
        parsers.duration("days"),
        "90 days",
        "duration",
        "How long a job that is over stays in the list of jobs.",
    )

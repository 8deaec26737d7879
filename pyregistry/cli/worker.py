"""`pyregistry worker` and `pyregistry jobs …`"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import click

from pyregistry.cli.context import Registry, pass_registry
from pyregistry.cli.stopping import Stopping
from pyregistry.clock import utcnow
from pyregistry.jobs.kinds.table import job_kinds
from pyregistry.jobs.models import Job
from pyregistry.jobs.moments import database_now
from pyregistry.jobs.services.cancel import cancel
from pyregistry.jobs.services.listing import jobs_slice
from pyregistry.jobs.stopping import StopRequest
from pyregistry.jobs.work import Parts
from pyregistry.jobs.worker import Manner, Worker
from pyregistry.slices import Window

_LISTED = 20


@click.command()
@click.option("--once", is_flag=True, help="Do the jobs that wait now, and end.")
@click.option(
    "--poll",
    type=click.FloatRange(0.1),
    metavar="SECONDS",
    help="How often to look for a job [default: the setting].",
)
@pass_registry
def worker(registry: Registry, once: bool, poll: float | None) -> None:
    """Do jobs in the background until SIGTERM or SIGINT.

    There may be any number of workers, on any hosts: they share the jobs through the database.
    A job that is under way at the stop is left to another worker; a second signal does not wait
    for it.
    """
    registry.check_schema()
    _log_jobs(registry)
    settings = registry.settings
    parts = Parts(settings, registry.database, registry.storages, utcnow)
    manner = Manner(settings.worker_poll_interval, settings.worker_lease)
    if poll is not None:
        manner = replace(manner, poll_interval=timedelta(seconds=poll))
    stop = StopRequest()
    with Stopping(stop.ask):
        Worker(parts, job_kinds(settings), stop, manner).run(once=once)
    stop.close()
    registry.storages.close()
    registry.database.dispose()


def _log_jobs(registry: Registry) -> None:
    """Log as the ini file says, and each job whatever it says of the rest."""
    registry.set_up_logging()
    logger = logging.getLogger("pyregistry.jobs")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)


@click.group()
def jobs() -> None:
    """Look at the jobs that workers do."""


@jobs.command("list")
@click.option("--kind", help="Only jobs of this kind.")
@click.option(
    "--count",
    type=click.IntRange(1, 1000),
    default=_LISTED,
    show_default=True,
    help="The most that are listed.",
)
@pass_registry
def list_(registry: Registry, kind: str | None, count: int) -> None:
    """List jobs, the newest first: id, kind, state, how far it is, when, and why it failed."""
    with registry.reading() as session:
        for job in jobs_slice(session, Window(count, by_key=True), kind=kind).rows:
            click.echo("\t".join(_columns(job)))


@jobs.command("cancel")
@click.argument("job_id", type=click.IntRange(1, 2**31 - 1))
@pass_registry
def cancel_(registry: Registry, job_id: int) -> None:
    """Stop a job: at once where no worker has it, else as soon as its worker looks."""
    with registry.writing() as session:
        job = cancel(session, job_id, database_now(session))
        sentence = "Cancelled" if job.finished_at is not None else "Asked its worker to stop"
        click.echo(f"{sentence}: job {job.id} ({job.kind}).")


def _columns(job: Job) -> Iterator[str]:
    yield str(job.id)
    yield job.kind
    yield str(job.state)
    total = "" if job.total is None else f" of {job.total}"
    yield f"{job.done}{total} {job.unit}" if job.unit else "-"
    yield _moment(job.finished_at or job.started_at or job.created_at)
    yield job.reason or "-"


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")

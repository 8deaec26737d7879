"""`pyregistry storage …`"""

import sys
from datetime import timedelta
from typing import Any

import click

from pyregistry.cli.context import Registry, pass_registry
from pyregistry.cli.progress import CountLine, ProgressLine
from pyregistry.cli.stopping import Stopping
from pyregistry.cli.storage_reports import (
    migration_lines,
    sweep_line,
    sweeping_line,
    verification_lines,
)
from pyregistry.clock import utcnow
from pyregistry.packaging.services.references import named_digests
from pyregistry.sentences import plural
from pyregistry.storage.errors import StorageError
from pyregistry.storage.storages import NAMES
from pyregistry.storage.sweeper import SweepReport, sweep
from pyregistry.upkeep.services.counts import miscounts, recount
from pyregistry.upkeep.services.migrate import WORKERS, migrate
from pyregistry.upkeep.services.verify import Sample, sample_of, verify

_MOST_WORKERS = 16
"""The connections to the database that a process has."""

workers_option = click.option(
    "--workers",
    type=click.IntRange(1, _MOST_WORKERS),
    default=WORKERS,
    show_default=True,
    help="How many files are worked on at once.",
)


@click.group()
def storage() -> None:
    """Look after the stored files."""


@storage.command("migrate")
@click.option(
    "--to", "target", type=click.Choice(NAMES), required=True, help="The storage to move files to."
)
@workers_option
@pass_registry
def migrate_(registry: Registry, target: str, workers: int) -> None:
    """Move all files into one storage, while the registry runs.

    Every file is copied, read again and compared by digest before the registry takes it from its
    new place. The old bytes stay for the grace period of "storage sweep". Ctrl-C or SIGTERM stops
    it; run it again to go on.
    """
    registry.check_schema()
    with Stopping() as stopping, ProgressLine() as line:
        report = migrate(
            registry.database,
            registry.storages.named,
            target,
            workers=workers,
            progress=line.show,
            should_stop=stopping,
        )
    for text in migration_lines(report, registry.settings.storage):
        click.echo(text)
    _exit(stopping, is_clean=report.is_clean)


class SampleType(click.ParamType[Sample]):
    """A number of objects, or so many of a hundred."""

    name = "N|N%"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The sample that a text names."""
        try:
            return sample_of(value)
        except ValueError:
            self.fail("give a number such as 1000, or a share such as 5%", param, ctx)


@storage.command("verify")
@click.option(
    "--sample",
    type=SampleType(),
    help="Only so many objects, chosen at random: 1000, or 5% [default: all].",
)
@click.option("--storage", "name", type=click.Choice(NAMES), help="Only those in this storage.")
@workers_option
@pass_registry
def verify_(registry: Registry, sample: Sample | None, name: str | None, workers: int) -> None:
    """Read stored files again, and compare digests and sizes with what was published.

    Nothing is changed. The exit status is 1 where anything is wrong.
    """
    registry.check_schema()
    with Stopping() as stopping, ProgressLine() as line:
        report = verify(
            registry.database,
            registry.storages.named,
            storage=name,
            sample=sample,
            workers=workers,
            progress=line.show,
            should_stop=stopping,
        )
    for text in verification_lines(report):
        click.echo(text)
    _exit(stopping, is_clean=report.is_clean)


@storage.command("sweep")
@click.option(
    "--grace",
    type=click.IntRange(0),
    help="The age in seconds from which unused bytes are removed [default: the setting].",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@pass_registry
def sweep_(registry: Registry, grace: int | None, dry_run: bool) -> None:
    """Remove stored bytes that no file is made of, and what killed uploads left behind.

    In every storage that is configured.
    """
    settings = registry.settings
    registry.check_schema()
    age = settings.storage_sweep_grace if grace is None else timedelta(seconds=grace)
    with Stopping() as stopping:
        total, is_clean = _swept(registry, age, stopping, remove=not dry_run)
    if is_clean or total.examined:
        click.echo(sweep_line(total, dry_run=dry_run))
    _exit(stopping, is_clean=is_clean)


def _swept(
    registry: Registry, grace: timedelta, stopping: Stopping, *, remove: bool
) -> tuple[SweepReport, bool]:
    """What was removed from all storages, and whether all of them could be swept."""
    total, is_clean = SweepReport(), True
    with CountLine() as line:
        for storage in registry.storages.configured():
            ask = named_digests(registry.database, storage.name)
            try:
                for report in sweep(storage, ask, grace=grace, now=utcnow(), remove=remove):
                    total += report
                    line.show(sweeping_line(storage.name, total))
                    if stopping():
                        return total, is_clean
            except StorageError as error:
                # The other storages have nothing to do with it.
                line.say(f"Error: {storage.name}: {error}")
                is_clean = False
    return total, is_clean


def _exit(stopping: Stopping, *, is_clean: bool) -> None:
    if stopping():
        sys.exit(stopping.status)
    if not is_clean:
        sys.exit(1)


@storage.command("recount")
@click.option("--dry-run", is_flag=True, help="Only say which counts are wrong.")
@pass_registry
def recount_(registry: Registry, dry_run: bool) -> None:
    """Compare the counts of stored bytes, which quotas use, with the files; set them right.

    Uploads and deletions wait while it adds up.
    """
    opened = registry.reading() if dry_run else registry.writing()
    with opened as session:
        found = miscounts(session) if dry_run else recount(session)
        for each in found:
            click.echo(f"{each.full_path or 'All'}: {each.counted} counted, {each.stored} stored.")
    wrong = f"Wrong: {plural(len(found), 'count')}" + ("." if dry_run else ", now right.")
    click.echo(wrong if found else "Every count is right.")

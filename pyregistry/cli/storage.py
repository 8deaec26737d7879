"""`pyregistry storage …`"""

from datetime import timedelta

import click

from pyregistry.cli.context import Registry, pass_registry
from pyregistry.clock import utcnow
from pyregistry.packaging.services.references import named_digests
from pyregistry.storage.sweeper import SweepReport, sweep


@click.group()
def storage() -> None:
    """Look after the stored files."""


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
    total = SweepReport()
    for each in registry.storages.configured():
        reports = sweep(
            each,
            named_digests(registry.database, each.name),
            grace=age,
            now=utcnow(),
            remove=not dry_run,
        )
        total = sum(reports, start=total)
    verb = "Would remove" if dry_run else "Removed"
    click.echo(
        f"{verb} {total.objects} unused objects and {total.leftovers} unfinished uploads, "
        f"{total.size} bytes."
    )

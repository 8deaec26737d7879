"""`pyregistry storage …`"""

from datetime import timedelta

import click

from pyregistry.cli.context import Registry, pass_registry
from pyregistry.clock import utcnow
from pyregistry.health.services.counts import miscounts, recount
from pyregistry.packaging.services.references import named_digests
from pyregistry.sentences import plural
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

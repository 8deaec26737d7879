"""What the commands of storages say at their end."""

from collections.abc import Iterator

from pyregistry.sentences import plural, shown_size
from pyregistry.settings import PREFIX
from pyregistry.storage.sweeper import SweepReport
from pyregistry.upkeep.reports import MigrationReport, Troubles, VerificationReport


def migration_lines(report: MigrationReport, default: str) -> Iterator[str]:
    """The report of a migration; `default` is the storage that new files go to."""
    yield (
        f"Moved to {report.target}: {plural(report.moved, 'object')}"
        f" ({plural(report.moved_files, 'file')}, {shown_size(report.moved_bytes)})"
    )
    if report.reused:
        yield f"  of which it held already: {report.reused:,}"
    yield f"Already there: {plural(report.already_there, 'object')}"
    yield from _counts(report.troubles, "Missing in the source", report.overtaken)
    if report.files_left:
        yield f"Not in {report.target} yet: {plural(report.files_left, 'file')}"
    yield from _end(report.gave_up, report.stopped)
    if default != report.target:
        yield (
            f"New files still go to {default}: set {PREFIX}storage = {report.target}, restart the"
            " servers, and run this again."
        )


def verification_lines(report: VerificationReport) -> Iterator[str]:
    """The report of a verification."""
    yield f"In order: {plural(report.sound, 'object')} ({shown_size(report.sound_bytes)})"
    yield from _counts(report.troubles, "Missing", report.overtaken)
    yield from _end(report.gave_up, report.stopped)


def sweeping_line(storage: str, so_far: SweepReport) -> str:
    """How far a sweep is."""
    return (
        f"{storage}: {so_far.examined:,} objects looked at, {so_far.objects:,} unused,"
        f" {shown_size(so_far.size)}"
    )


def sweep_line(report: SweepReport, *, dry_run: bool) -> str:
    """The report of a sweep."""
    verb = "Would remove" if dry_run else "Removed"
    return (
        f"{verb} {plural(report.objects, 'unused object')} of {report.examined:,} and"
        f" {plural(report.leftovers, 'unfinished upload')}, {report.size} bytes."
    )


def _counts(troubles: Troubles, missing: str, overtaken: int) -> Iterator[str]:
    if overtaken:
        yield f"Deleted or moved by somebody else meanwhile: {overtaken:,}"
    yield f"{missing}: {troubles.missing:,}"
    yield f"Wrong digest or size: {troubles.damaged:,}"
    yield f"Failed: {troubles.failed:,}"
    for trouble in troubles.told:
        yield f"- {trouble.sha256} ({trouble.problem}): {trouble.reason}"
        yield from (f"    {file}" for file in trouble.files)
    if troubles.count > len(troubles.told):
        yield f"- … and {troubles.count - len(troubles.told):,} more"


def _end(gave_up: bool, stopped: bool) -> Iterator[str]:
    if gave_up:
        yield "It was given up, because nothing succeeded any more. Run it again to go on."
    if stopped:
        yield "It was stopped. Run it again to go on."

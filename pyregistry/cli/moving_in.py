"""`pyregistry import-files` and `pyregistry import-index`"""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click

from pyregistry.cli.context import MACHINE, Registry, pass_registry
from pyregistry.cli.storage import workers_option
from pyregistry.cli.watching import Watching
from pyregistry.clock import utcnow
from pyregistry.forklift.inspect import ArchiveLimits
from pyregistry.intake.client import IndexClient, Login
from pyregistry.intake.services.folders import take_folder
from pyregistry.intake.services.indexes import take_index
from pyregistry.intake.services.take import Intake, Outcome, Taken, project_to_take
from pyregistry.sentences import plural, shown

PASSWORD_VARIABLE: Final = "INDEX_PASSWORD"  # noqa: S105 -- the name of a variable

_project = click.option(
    "--project", metavar="PATH", required=True, help="The project to publish into."
)


@click.command("import-files")
@click.argument("folder", type=click.Path(path_type=Path))
@_project
@workers_option
@pass_registry
def import_files(registry: Registry, folder: Path, project: str, workers: int) -> None:
    """Publish the wheels and sdists in FOLDER, and in the folders in it, into a project.

    Each is inspected as an upload is. What the project has already is passed over: stopped, the
    command can be run again. Files that are refused are named with the reason; the status is then
    1, and the others are published all the same.
    """
    intake = _intake(registry, project)
    with Watching() as watching:
        counts = _told(take_folder(intake, folder, workers, watching), watching)
    _finish(counts)


@click.command("import-index")
@click.argument("url")
@_project
@click.option(
    "--package",
    "packages",
    metavar="NAME",
    multiple=True,
    help="Only this package; may be repeated.",
)
@click.option(
    "--user",
    metavar="NAME",
    help=f"The user name there; the password or token is read from {PASSWORD_VARIABLE}.",
)
@workers_option
@pass_registry
def import_index(
    registry: Registry,
    url: str,
    project: str,
    packages: tuple[str, ...],
    user: str | None,
    workers: int,
) -> None:
    """Publish what the index at URL has into a project; URL is what --index-url of pip would be.

    It speaks the simple API, in HTML or JSON. Digests are compared, and each file is inspected
    as an upload is. Credentials are sent to the host of URL alone. What the project has already is
    passed over: stopped, the command can be run again. Files that are refused are named with the
    reason; the status is then 1, and the others are published all the same.
    """
    client = IndexClient(url, _login(user), workers)
    intake = _intake(registry, project)
    with Watching() as watching:
        counts = _told(take_index(intake, client, packages, workers, watching), watching)
    client.close()
    _finish(counts)


def _login(user: str | None) -> Login | None:
    if user is None:
        return None
    password = os.environ.get(PASSWORD_VARIABLE)
    if not password:
        raise click.ClickException(f"--user needs a password: set {PASSWORD_VARIABLE}.")
    return Login(user, password)


def _intake(registry: Registry, path: str) -> Intake:
    with registry.reading() as session:
        project_id = project_to_take(session, path).id
    return Intake(
        database=registry.database,
        storage=registry.storages.default,
        project_id=project_id,
        archive_limits=archive_limits_of(registry),
        max_file_size=registry.settings.upload_max_file_size,
        actor=MACHINE,
        clock=utcnow,
    )


def _told(taken: Iterable[Taken], watching: Watching) -> Counter[Outcome]:
    """Name what is refused as it comes; how many there are of each outcome."""
    counts: Counter[Outcome] = Counter()
    for each in taken:
        counts[each.outcome] += 1
        if each.outcome is Outcome.REFUSED:
            watching.say(f"Refused {shown(each.filename)}: {each.reason}")
    return counts


def _finish(counts: Counter[Outcome]) -> None:
    click.echo(f"{files_line(counts)}.")
    if counts[Outcome.REFUSED]:
        raise click.exceptions.Exit(1)


def files_line(counts: Counter[Outcome]) -> str:
    """How many files there were of each outcome."""
    return (
        f"Published {plural(counts[Outcome.PUBLISHED], 'file')},"
        f" {counts[Outcome.UNCHANGED]:,} were there already, {counts[Outcome.REFUSED]:,} were"
        " refused"
    )


def archive_limits_of(registry: Registry) -> ArchiveLimits:
    """What archives may hold, by the settings."""
    settings = registry.settings
    return ArchiveLimits(
        max_expanded_size=settings.archive_max_expanded_size,
        max_ratio=settings.archive_max_ratio,
        max_members=settings.archive_max_members,
    )

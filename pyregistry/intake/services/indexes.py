"""Offering the archives that another index lists."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import partial

from packaging.version import Version

from pyregistry.errors import Refusal
from pyregistry.intake.client import IndexClient
from pyregistry.intake.pages import ListedFile, files_on, names_on
from pyregistry.intake.services.take import (
    FURTHER_DIGESTS,
    KEPT_DIGESTS,
    Intake,
    Offered,
    Outcome,
    Taken,
)
from pyregistry.packaging.filenames import parse_filename
from pyregistry.packaging.names import check_package_name, normalize_name
from pyregistry.parallel import Check, in_parallel
from pyregistry.progress import Watcher


def take_index(
    intake: Intake,
    client: IndexClient,
    names: Collection[str],
    workers: int,
    watcher: Watcher,
) -> Iterator[Taken]:
    """Publish what an index lists of these packages; none named: of all. Say what became of each.

    A release is yanked where the index has yanked all of its files. Raises `CannotFetch` where
    the index itself cannot be read, and as `Intake.take` does.
    """
    wanted = list(names) or names_on(client.page())
    watcher.stage("Taking files", 0, 0)
    work = partial(_taken, intake)
    for taken, size in in_parallel(work, _offers(intake, client, wanted), workers):
        watcher.advance(size)
        yield taken


def _taken(intake: Intake, offer: tuple[Offered | Taken, int], check: Check) -> tuple[Taken, int]:
    offered, size = offer
    return (offered if isinstance(offered, Taken) else intake.take(offered, check)), size


def _offers(
    intake: Intake, client: IndexClient, names: Collection[str]
) -> Iterator[tuple[Offered | Taken, int]]:
    """Each file with its size, as far as that is told; and packages that cannot be read."""
    for name in names:
        try:
            check_package_name(name)
            normalized = normalize_name(name)
            files = files_on(client.page(f"{normalized}/"))
        except Refusal as refusal:
            yield Taken(name, Outcome.REFUSED, reason=refusal.sentence), 0
            continue
        yanked = _yanked_versions(files, normalized)
        for file in files:
            yield _offered(intake, client, file, normalized, yanked), file.size


def _offered(
    intake: Intake,
    client: IndexClient,
    file: ListedFile,
    normalized: str,
    yanked: Collection[Version],
) -> Offered:
    return Offered(
        filename=file.filename,
        chunks=partial(client.file, file.address, intake.max_file_size),
        digests={
            name: digest.lower()
            for name, digest in file.digests.items()
            if name in KEPT_DIGESTS | FURTHER_DIGESTS
        },
        normalized_name=normalized,
        is_yanked=_version_of(file, normalized) in yanked,
        yanked_reason=file.yanked,
    )


def _yanked_versions(files: Collection[ListedFile], normalized: str) -> Collection[Version]:
    """The versions of which every file is yanked: here, releases are yanked, and not files."""
    by_version: dict[Version, list[bool]] = defaultdict(list)
    for file in files:
        version = _version_of(file, normalized)
        if version is not None:
            by_version[version].append(file.yanked is not None)
    return {version for version, yanked in by_version.items() if all(yanked)}


def _version_of(file: ListedFile, normalized: str) -> Version | None:
    """The version in a filename; None where it is no filename of the package."""
    try:
        return parse_filename(file.filename, normalized).version
    except Refusal:
        return None

"""Offering the archives that lie in a folder."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from pyregistry.errors import Invalid
from pyregistry.intake.services.take import Intake, Offered, Outcome, Taken
from pyregistry.parallel import Check, in_parallel
from pyregistry.progress import Watcher

_CHUNK: Final = 256 * 1024


def take_folder(intake: Intake, folder: Path, workers: int, watcher: Watcher) -> Iterator[Taken]:
    """Publish every file in a folder and in those below it, by name; say what became of each.

    Names that begin with a dot are passed over. Raises as `Intake.take` does, and `Invalid`
    where there is no such folder.
    """
    if not folder.is_dir():
        raise Invalid(f"There is no folder {folder}.")
    files = [(path, path.stat().st_size) for path in _files_in(folder)]
    watcher.stage("Taking files", len(files), sum(size for _, size in files))

    def take(file: tuple[Path, int], check: Check) -> tuple[Taken, int]:
        path, size = file
        try:
            offered = _offered(path)
        except OSError as error:
            reason = f"It cannot be read: {error.strerror}."
            return Taken(path.name, Outcome.REFUSED, reason=reason), size
        return intake.take(offered, check), size

    for taken, size in in_parallel(take, files, workers):
        watcher.advance(size)
        yield taken


def _files_in(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _offered(path: Path) -> Offered:
    # Digested first: what the project has already need not be copied anywhere.
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return Offered(path.name, partial(_chunks_of, path), {"sha256": digest.hexdigest()})


@contextmanager
def _chunks_of(path: Path) -> Iterator[Iterable[bytes]]:
    with path.open("rb") as file:
        yield iter(partial(file.read, _CHUNK), b"")

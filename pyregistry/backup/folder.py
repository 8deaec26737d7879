"""The folder of an export: where things lie in it, and who may read them.

    manifest.json                 written last
    rows-<moment>/<table>.jsonl   a row a line
    files/<2>/<2>/<sha256>        the bytes of files, each once

Rows of a new export lie beside those of the old one until its manifest takes the place of the
old one: an export that is interrupted leaves the one before as it was.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from pyregistry.backup.errors import DamagedExport, FolderInUse, NoExport, NotEmpty
from pyregistry.backup.manifest import Manifest, RowsFile, rows_folder_of
from pyregistry.parallel import Check
from pyregistry.storage.digests import is_sha256

CHUNK: Final = 256 * 1024
_MANIFEST: Final = "manifest.json"
_FILES: Final = "files"
_PART: Final = ".part"
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600


class RowsWriter:
    """Writes the rows of one table, and digests them on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._size = self._count = 0

    def write(self, row: dict[str, Any]) -> None:
        """Add a row."""
        line = json.dumps(row, separators=(",", ":")).encode("ascii") + b"\n"
        self._file.write(line)
        self._digest.update(line)
        self._size += len(line)
        self._count += 1

    @property
    def written(self) -> RowsFile:
        """What was written until now."""
        return RowsFile(self._count, self._size, self._digest.hexdigest())


class ExportFolder:
    """An export in a folder. Everything in it can be read by its owner only.

    Methods raise `OSError` where the folder cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make the folder, and have no other export written to it meanwhile.

        Raises `NotEmpty` for a folder with something else in it, and `FolderInUse`.
        """
        self.path.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
        if not self._holds_nothing_else():
            raise NotEmpty(f"{self.path} is not empty, and holds no export: name a new folder.")
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._lock(descriptor)
            (self.path / _FILES).mkdir(_FOLDER_MODE, exist_ok=True)
            self._forget_parts()
            yield
        finally:
            os.close(descriptor)

    def new_rows_folder(self, moment: datetime) -> str:
        """Make a folder for rows; its name."""
        for attempt in range(1000):
            name = rows_folder_of(moment, attempt)
            with contextlib.suppress(FileExistsError):
                (self.path / name).mkdir(_FOLDER_MODE)
                return name
        raise FolderInUse(f"There is no room for more rows in {self.path}.")

    @contextmanager
    def rows_written(self, rows_folder: str, table: str) -> Iterator[RowsWriter]:
        """A writer of the rows of a table."""
        with _opened_new(self.path / rows_folder / f"{table}.jsonl") as file:
            yield RowsWriter(file)

    def rows(self, rows_folder: str, table: str) -> Iterator[dict[str, Any]]:
        """The rows of a table, as they were written. Raises `DamagedExport`."""
        with (self.path / rows_folder / f"{table}.jsonl").open("rb") as file:
            for line in file:
                try:
                    row = json.loads(line)
                except ValueError:
                    row = None
                if not isinstance(row, dict):
                    raise DamagedExport(f"A row of {table} is no JSON object.")
                yield row

    def rows_file(self, rows_folder: str, table: str) -> RowsFile:
        """What the file of a table's rows holds now. Raises `DamagedExport` without one."""
        digest, size, count = hashlib.sha256(), 0, 0
        try:
            with (self.path / rows_folder / f"{table}.jsonl").open("rb") as file:
                while chunk := file.read(CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    count += chunk.count(b"\n")
        except FileNotFoundError:
            raise DamagedExport(f"The rows of {table} are missing.") from None
        return RowsFile(count, size, digest.hexdigest())

    def object_path(self, sha256: str) -> Path:
        """Where the bytes with that digest lie. Raises `DamagedExport` for what is no digest."""
        if not is_sha256(sha256):
            raise DamagedExport("A file has no digest.")
        return self.path / _FILES / sha256[:2] / sha256[2:4] / sha256

    def object_size(self, sha256: str, check: Check) -> int | None:
        """How many bytes there are with that digest; None where they are missing or others."""
        digest, size = hashlib.sha256(), 0
        try:
            with self.object_path(sha256).open("rb") as file:
                while chunk := file.read(CHUNK):
                    check()
                    digest.update(chunk)
                    size += len(chunk)
        except FileNotFoundError:
            return None
        return size if digest.hexdigest() == sha256 else None

    @contextmanager
    def object_written(self, sha256: str) -> Iterator[BinaryIO]:
        """A new file, which is in its place at the end, whole, or not at all."""
        target = self.object_path(sha256)
        for folder in (target.parent.parent, target.parent):
            folder.mkdir(_FOLDER_MODE, exist_ok=True)
        part = target.with_name(f"{secrets.token_hex(8)}{_PART}")
        try:
            with _opened_new(part) as file:
                yield file
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, once everything else is on the disk, and forget older rows."""
        os.sync()
        part = self.path / f"{_MANIFEST}{_PART}"
        part.unlink(missing_ok=True)
        with _opened_new(part) as file:
            file.write(manifest.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.path / _MANIFEST)
        os.sync()
        for folder in self.path.glob("rows-*"):
            if folder.name != manifest.rows_folder:
                shutil.rmtree(folder, ignore_errors=True)

    def manifest(self) -> Manifest:
        """What the export holds. Raises `NoExport` without a manifest, and `OtherExport`."""
        try:
            content = (self.path / _MANIFEST).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise NoExport(
                f"{self.path} has no manifest.json: it holds no export, or one that was"
                " interrupted. Export again into it."
            ) from None
        return Manifest.parse(content)

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(f"Another export is being written to {self.path}.") from None

    def _holds_nothing_else(self) -> bool:
        """Whether all that is there is of an export, whole or not."""
        return all(
            each.name in (_FILES, _MANIFEST, _MANIFEST + _PART) or each.name.startswith("rows-")
            for each in self.path.iterdir()
        )

    def _forget_parts(self) -> None:
        """Remove what an export that was killed has left in the middle of a file."""
        for part in (self.path / _FILES).rglob(f"*{_PART}"):
            part.unlink(missing_ok=True)


def _opened_new(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, _FILE_MODE), "wb")

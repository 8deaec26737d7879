"""The RECORD of a wheel, against the files of the wheel (PEP 376, PEP 427)."""

import base64
import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect.members import MemberKind
from pyregistry.forklift.inspect.zip_members import ZipArchive
from pyregistry.sentences import shown

MAX_RECORD_SIZE = 32 * 1024 * 1024
"""In bytes."""

# SHA-256 or better, as PEP 427 wants it.
_ALGORITHMS = frozenset({"sha256", "sha384", "sha512"})

_COLUMNS = 3
_MAX_SIZE_DIGITS = 19


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row: an algorithm, a digest in URL-safe base64 without padding, a size in bytes.

    A row may leave out the size; that of RECORD itself leaves out everything.
    """

    algorithm: str
    digest: str
    size: int | None


def check_record(archive: ZipArchive, info: str) -> None:
    """Compare every file of the wheel with `<info>/RECORD`, in one pass over the archive.

    RECORD itself and its signatures (RECORD.jws, RECORD.p7s) need no row.
    Raises `Invalid` for a file that is not listed or differs from its row, and
    for a row without a file.
    """
    path_of_record = f"{info}/RECORD"
    exempt = {path_of_record, f"{path_of_record}.jws", f"{path_of_record}.p7s"}
    rows = parse_record(archive.read(path_of_record, MAX_RECORD_SIZE), path_of_record)
    files = set(archive.files)
    for path in sorted(rows.keys() - files):
        raise Invalid(f"RECORD lists {shown(path)}, which is not in the wheel: build it again")
    for path in sorted(files - rows.keys() - exempt):
        raise Invalid(f"RECORD does not list {shown(path)}: build the wheel again")
    for member in archive.members():
        row = rows.get(member.path)
        if member.kind is not MemberKind.FILE or row is None or member.path == path_of_record:
            continue
        digest, size = hashlib.new(row.algorithm), 0
        for chunk in member.chunks:
            digest.update(chunk)
            size += len(chunk)
        _check_row(member.path, row, digest.digest(), size)


def parse_record(content: bytes, path_of_record: str) -> Mapping[str, RecordRow]:
    """The rows of a RECORD by path, without those of folders. Raises `Invalid`."""
    rows: dict[str, RecordRow] = {}
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
        for columns in reader:
            if not columns or columns[0].endswith("/"):
                continue
            if len(columns) != _COLUMNS:
                raise _malformed(f"row {reader.line_num} has not three columns")
            path, digest, size = columns
            row = _parse_row(path, digest, size, is_record=path == path_of_record)
            if rows.setdefault(path, row) != row:
                raise _malformed(f"it lists {shown(path)} twice")
    except UnicodeDecodeError:
        raise _malformed("it is not UTF-8") from None
    except csv.Error:
        raise _malformed("it is no CSV") from None
    return rows


def _parse_row(path: str, digest: str, size: str, *, is_record: bool) -> RecordRow:
    algorithm, _, value = digest.partition("=")
    if is_record:
        if digest:
            raise _malformed("it has a digest of itself")
        return RecordRow("", "", None)
    if algorithm.lower() not in _ALGORITHMS:
        raise _malformed(f"it has no SHA-256, SHA-384 or SHA-512 digest of {shown(path)}")
    if size and not (size.isascii() and size.isdigit() and len(size) <= _MAX_SIZE_DIGITS):
        raise _malformed(f"it has no size in bytes of {shown(path)}")
    return RecordRow(algorithm.lower(), value.rstrip("="), int(size) if size else None)


def _check_row(path: str, row: RecordRow, digest: bytes, size: int) -> None:
    if row.size not in (None, size):
        raise Invalid(
            f"RECORD says that {shown(path)} has {row.size} bytes, but it has {size}:"
            " build the wheel again"
        )
    actual = base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
    if actual != row.digest:
        raise Invalid(
            f"RECORD says that {shown(path)} has the {row.algorithm} {shown(row.digest)},"
            f" but it has {actual}: build the wheel again"
        )


def _malformed(what: str) -> Invalid:
    return Invalid(f"The RECORD of the wheel is malformed, {what}: build the wheel again")

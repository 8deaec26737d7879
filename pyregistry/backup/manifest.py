"""The manifest of an export: what is in it, with checksums. Without one, an export is not whole."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from pyregistry.backup.errors import NoExport, OtherExport

FORMAT: Final = "pyregistry-export"
FORMAT_VERSION: Final = 1
"""Counts up where a reader of the old one would read the new one wrongly."""

INSTANCE: Final = "instance"
GROUP: Final = "group"

_ROWS_FOLDER: Final = re.compile(r"rows-[0-9]{8}T[0-9]{6}Z(-[0-9]+)?")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RowsFile:
    """A file of rows: how many, its size in bytes, and the digest of its bytes."""

    count: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export holds.

    `kind` is `instance` or `group`, `path` the full path of that group or project. `schema` is
    the revision of the schema that the rows are of. `files_count` and `files_size` (bytes)
    count each object once. `identifiers` are the last numbers that were given, by table.
    """

    kind: str
    path: str | None
    schema: str
    version: str
    created_at: str
    rows_folder: str
    rows: Mapping[str, RowsFile]
    files_count: int
    files_size: int
    identifiers: Mapping[str, int]

    def as_bytes(self) -> bytes:
        """The manifest as a file."""
        document = {"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(self)}
        return (json.dumps(document, indent=2) + "\n").encode()

    @classmethod
    def parse(cls, content: bytes) -> "Manifest":
        """Read a manifest. Raises `NoExport` and `OtherExport`."""
        try:
            document = json.loads(content)
        except ValueError:
            raise NoExport("manifest.json is no JSON: the export is not whole.") from None
        if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
            raise NoExport("manifest.json is not that of an export of pyregistry.")
        found = document.pop("format_version", None)
        if found != FORMAT_VERSION:
            raise OtherExport(
                f"The export has the format {found!r}, and this version reads {FORMAT_VERSION}:"
                " use the version of pyregistry that wrote it, or a newer one."
            )
        try:
            return cls._checked(document)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise NoExport("manifest.json lacks what a manifest has.") from None

    @classmethod
    def _checked(cls, document: dict[str, Any]) -> "Manifest":
        rows = {name: RowsFile(**found) for name, found in document.pop("rows").items()}
        manifest = cls(**document, rows=rows)
        numbers = [manifest.files_count, manifest.files_size, *manifest.identifiers.values()]
        numbers += [number for found in rows.values() for number in (found.count, found.size)]
        if not all(isinstance(number, int) for number in numbers):
            raise TypeError("a count is no number")
        texts = (manifest.schema, manifest.version, manifest.created_at, manifest.path or "")
        # They are shown in a terminal.
        if not all(isinstance(text, str) and text.isprintable() for text in texts):
            raise TypeError("a word is no text")
        if manifest.kind not in (INSTANCE, GROUP) or (manifest.kind == GROUP) != bool(
            manifest.path
        ):
            raise ValueError("no kind of export")
        # They become paths.
        if not _ROWS_FOLDER.fullmatch(manifest.rows_folder):
            raise ValueError("no folder of rows")
        if not all(_SHA256.fullmatch(found.sha256) for found in rows.values()):
            raise ValueError("no digest")
        return manifest


def rows_folder_of(moment: datetime, attempt: int = 0) -> str:
    """The name of a folder of rows that were read at that moment."""
    name = f"rows-{moment:%Y%m%dT%H%M%SZ}"
    return f"{name}-{attempt}" if attempt else name

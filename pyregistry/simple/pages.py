"""The pages of the simple repository API: what they say, whatever the media type.

The field names are those of the specification, version 1.4 (PEP 503, 592,
629, 658, 691, 700, 714, 740 and 792).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from pyregistry.packaging.models import PackageStatus

API_VERSION: Final = "1.4"


@dataclass(frozen=True, slots=True)
class FileLink:
    """One file as a package page offers it.

    `filename` is as uploaded, `sha256` and `metadata_sha256` are lower-case
    hex, `size` is in bytes, `uploaded_at` is aware. `metadata_sha256` is given
    where `<file>.metadata` is served. `yanked_reason` counts only where
    `yanked`. Raises `ValueError` for a naive time.
    """

    filename: str
    sha256: str
    size: int
    uploaded_at: datetime
    requires_python: str | None = None
    metadata_sha256: str | None = None
    yanked: bool = False
    yanked_reason: str | None = None

    def __post_init__(self) -> None:
        if self.uploaded_at.tzinfo is None:
            raise ValueError(f"the upload time of {self.filename} has no time zone")

    @property
    def address(self) -> str:
        """The file's address, percent-encoded, relative to the package page.

        Everything that is not unreserved is encoded, `+` of a local version
        too: pip encodes it anyhow, and a cache should see one spelling.
        """
        return f"../../files/{quote(self.sha256, safe='')}/{_quoted(self.filename)}"

    @property
    def upload_time(self) -> str:
        """When the file came, as `yyyy-mm-ddThh:mm:ss.ffffffZ`."""
        moment = self.uploaded_at.astimezone(UTC)
        return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@dataclass(frozen=True, slots=True)
class PackagePage:
    """The files of one package, in the order given.

    `name` is normalised (PEP 503), `serial` counts the changes of the whole registry.
    """

    name: str
    files: Sequence[FileLink]
    versions: Sequence[str]
    serial: int
    status: PackageStatus = PackageStatus.ACTIVE
    status_reason: str | None = None

    @property
    def offered_files(self) -> Sequence[FileLink]:
        """The files that the page shows: a quarantined package offers none (PEP 792)."""
        return self.files if self.status.offers_files else ()


@dataclass(frozen=True, slots=True)
class IndexPage:
    """Every package name of an index, normalised, with the serial of its last change."""

    projects: Sequence[tuple[str, int]]
    serial: int


def index_link(name: str) -> str:
    """The address of a package page, percent-encoded, relative to the index page."""
    return f"{_quoted(name)}/"


def _quoted(segment: str) -> str:
    return quote(segment, safe="", errors="replace")

"""What a project holds already where a new file goes, in one query."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session

from pyregistry.db import table_of
from pyregistry.errors import NotFound
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.errors import FileExists
from pyregistry.packaging.models import File, Package, PackageStatus, Release
from pyregistry.packaging.services.status import check_accepts_uploads


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A file that has a row, and since when."""

    id: int
    sha256: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class Destination:
    """The project, and what it has of the package, the release and the filename of a new file.

    What it does not have yet is None.
    """

    file: RecordedFile | None
    project_id: int
    project_path: str
    package_id: int | None
    package_name: str | None
    status: PackageStatus | None
    status_reason: str | None
    latest_version: str | None
    release_id: int | None
    release_version: str | None

    def held(self, filename: str, sha256: str) -> RecordedFile | None:
        """The file of that name with those very bytes, where the project holds it already.

        Raises `FileExists` where the name is taken by other bytes.
        """
        if self.file is not None and self.file.sha256 != sha256:
            raise FileExists.told(filename, self.file.sha256, sha256)
        return self.file

    def check_takes_uploads(self) -> None:
        """Raise `PackageClosed` where the package exists and its status refuses uploads."""
        if self.status is not None:
            check_accepts_uploads(self.package_name or "", self.status, self.status_reason)


def destination_of(
    session: Session,
    project_id: int,
    normalized_name: str,
    canonical_version: str,
    filename: str,
) -> Destination:
    """Where a file of that name, of that package and version, goes. Raises `NotFound`."""
    parameters = {
        "in_project": project_id,
        "named": normalized_name,
        "at_version": canonical_version,
        "called": filename,
    }
    row: Any = session.connection().execute(_STATEMENT, parameters).one_or_none()
    if row is None:
        raise NotFound("The project was deleted while the file was sent.")
    file = RecordedFile(*row[-3:]) if row[-3] is not None else None
    return Destination(file, *row[:-3])


def _statement() -> Select[*tuple[Any, ...]]:
    """By keys alone: however much there is, each table gives one row at most."""
    projects, packages = table_of(Namespace).c, table_of(Package).c
    releases, files = table_of(Release).c, table_of(File).c
    return (
        select(
            projects.id,
            projects.full_path,
            packages.id,
            packages.name,
            packages.status,
            packages.status_reason,
            packages.latest_version,
            releases.id,
            releases.version,
            files.id,
            files.sha256,
            files.uploaded_at,
        )
        .select_from(table_of(Namespace))
        .outerjoin(
            table_of(Package),
            and_(
                packages.project_id == projects.id,
                packages.normalized_name == bindparam("named"),
            ),
        )
        .outerjoin(
            table_of(Release),
            and_(
                releases.package_id == packages.id,
                releases.canonical_version == bindparam("at_version"),
            ),
        )
        .outerjoin(
            table_of(File),
            and_(files.project_id == projects.id, files.filename == bindparam("called")),
        )
        .where(projects.id == bindparam("in_project"))
    )


_STATEMENT = _statement()

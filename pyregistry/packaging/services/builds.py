"""How releases and files were built."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from pyregistry.builds.models import Build, FileBuild
from pyregistry.packaging.models import File, Release
from pyregistry.slices import Order, Slice, Window, read_slice


class FileOrder(StrEnum):
    """By what the files of a release are in order."""

    ID = "id"
    CREATED_AT = "created_at"
    FILE_NAME = "file_name"


_FILE_COLUMNS: dict[FileOrder, tuple[Any, ...]] = {
    FileOrder.ID: (File.id,),
    FileOrder.CREATED_AT: (File.uploaded_at, File.id),
    FileOrder.FILE_NAME: (File.filename, File.id),
}


def builds_of_releases(
    session: Session, release_ids: Collection[int] | Select[int]
) -> Mapping[int, Sequence[Build]]:
    """The builds of the files of each release, newest first, by the id of the release.

    One query for all of them (or for those that a statement selects); releases that no job
    published into are not there.
    """
    # By ids first: rows with JSON in them cannot be told apart by every database.
    pairs = (
        select(File.release_id, FileBuild.build_id)
        .join(FileBuild, FileBuild.file_id == File.id)
        .where(File.release_id.in_(release_ids))
        .distinct()
        .subquery()
    )
    found: dict[int, list[Build]] = defaultdict(list)
    for release_id, build in session.execute(
        select(pairs.c.release_id, Build)
        .join(Build, Build.id == pairs.c.build_id)
        .order_by(Build.id.desc())
    ):
        found[release_id].append(build)
    return found


def builds_of_package(session: Session, package_id: int) -> Mapping[int, Sequence[Build]]:
    """The same for every release of a package."""
    return builds_of_releases(session, select(Release.id).where(Release.package_id == package_id))


def builds_slice(session: Session, release_id: int, window: Window) -> Slice[Build]:
    """Some of the builds of the files of a release, newest first. Raises as `read_slice` does."""
    published = (
        select(FileBuild.build_id)
        .join(File, File.id == FileBuild.file_id)
        .where(File.release_id == release_id)
    )
    statement = select(Build).where(Build.id.in_(published))
    order = Order((Build.id,), descending=True)
    return read_slice(session, statement, order, window, lambda row: row[0])


def files_slice(
    session: Session,
    release_id: int,
    window: Window,
    order: FileOrder = FileOrder.ID,
    *,
    descending: bool = False,
) -> Slice[File]:
    """Some of the files of a release, each with its build. Raises as `read_slice` does."""
    statement = select(File).where(File.release_id == release_id).options(joinedload(File.build))
    columns = _FILE_COLUMNS[order]
    return read_slice(session, statement, Order(columns, descending), window, lambda row: row[0])


def filenames_by_build(session: Session, release_id: int) -> Mapping[int, Sequence[str]]:
    """The names of the files of a release that jobs published, by the id of the build."""
    found: dict[int, list[str]] = defaultdict(list)
    for build_id, filename in session.execute(
        select(FileBuild.build_id, File.filename)
        .join(File, File.id == FileBuild.file_id)
        .where(File.release_id == release_id)
        .order_by(File.id)
    ):
        found[build_id].append(filename)
    return found

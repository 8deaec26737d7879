"""How releases and files were built."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from pyregistry.builds.models import Build, FileBuild
from pyregistry.packaging.models import File


def builds_of_releases(
    session: Session, release_ids: Collection[int]
) -> Mapping[int, Sequence[Build]]:
    """The builds of the files of each release, newest first, by the id of the release.

    One query for all of them; releases that no job published into are not there.
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


def builds_page(session: Session, release_id: int, *, offset: int, limit: int) -> Sequence[Build]:
    """At most `limit` builds of the files of a release, newest first, beginning at `offset`."""
    published = (
        select(FileBuild.build_id)
        .join(File, File.id == FileBuild.file_id)
        .where(File.release_id == release_id)
    )
    return session.scalars(
        select(Build)
        .where(Build.id.in_(published))
        .order_by(Build.id.desc())
        .offset(offset)
        .limit(limit)
    ).all()


def files_with_builds(session: Session, release_id: int) -> Sequence[File]:
    """The files of a release, oldest first, with the build of each."""
    return session.scalars(
        select(File)
        .where(File.release_id == release_id)
        .options(joinedload(File.build))
        .order_by(File.id)
    ).all()

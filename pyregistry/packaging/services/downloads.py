"""Writing down pulls: as events and counts, of each package how many, of each release when."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from pyregistry.db import table_of
from pyregistry.events.actions import Action
from pyregistry.events.models import UsageCount
from pyregistry.events.services.record import Happening, record_noted
from pyregistry.packaging.models import Package, Release

_ReleaseKey = tuple[int, str, str]
"""Project, normalised name and version as first uploaded."""


def write_pulls(session: Session, pulls: Sequence[Happening]) -> None:
    """Write down pulls that were noted earlier; what was pulled may be gone by now.

    Packages are counted up; releases keep the latest moment, whichever process writes first.
    """
    # Nothing is counted of a project that is gone, whatever has its number now.
    pulls = record_noted(session, pulls)
    # Before the releases, as those do who publish and yank: none waits for another in a circle.
    _count(session, pulls)
    last: dict[_ReleaseKey, datetime] = {}
    for pull in pulls:
        key = _key_of(pull)
        if key is not None:
            last[key] = max(pull.occurred_at, last.get(key, pull.occurred_at))
    # In one order everywhere, so that two writers never wait for each other in a circle.
    for (project_id, name, version), moment in sorted(last.items()):
        session.execute(
            update(Release)
            .where(
                Release.project_id == project_id,
                Release.normalized_name == name,
                Release.version == version,
                or_(Release.last_downloaded_at.is_(None), Release.last_downloaded_at < moment),
            )
            .values(last_downloaded_at=moment)
            .execution_options(synchronize_session=False)
        )


_counts = table_of(UsageCount).c
_PULLS = select(func.sum(_counts.count)).where(
    _counts.namespace_id == bindparam("of_project"),
    _counts.package == bindparam("named"),
    _counts.action == str(Action.FILE_PULLED),
)


def counted_pulls(session: Session, project_id: int, normalized_name: str) -> int:
    """How often files of that name were pulled from the project, by the counts of days."""
    parameters = {"of_project": project_id, "named": normalized_name}
    counted = session.connection().execute(_PULLS, parameters).scalar_one()
    # A sum of big integers is a decimal number to PostgreSQL.
    return int(counted or 0)


def _count(session: Session, pulls: Iterable[Happening]) -> None:
    counts = Counter(
        (pull.namespace_id, pull.package)
        for pull in pulls
        if pull.action is Action.FILE_PULLED and pull.namespace_id and pull.package
    )
    # In one order everywhere, here too.
    for (project_id, name), count in sorted(counts.items()):
        session.execute(
            update(Package)
            .where(Package.project_id == project_id, Package.normalized_name == name)
            .values(pulls_count=Package.pulls_count + count)
            .execution_options(synchronize_session=False)
        )


def _key_of(pull: Happening) -> _ReleaseKey | None:
    if pull.action is not Action.FILE_PULLED:
        return None
    if pull.namespace_id is None or pull.package is None or pull.version is None:
        return None
    return pull.namespace_id, pull.package, pull.version

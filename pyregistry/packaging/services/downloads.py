"""Writing down pulls: as events and counts, and of each release when the last one was."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening, record_noted
from pyregistry.packaging.models import Release

_ReleaseKey = tuple[int, str, str]
"""Project, normalised name and version as first uploaded."""


def write_pulls(session: Session, pulls: Sequence[Happening]) -> None:
    """Write down pulls that were noted earlier; what was pulled may be gone by now.

    Releases keep the latest moment, whichever process writes first.
    """
    record_noted(session, pulls)
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


def _key_of(pull: Happening) -> _ReleaseKey | None:
    if pull.action is not Action.FILE_PULLED:
        return None
    if pull.namespace_id is None or pull.package is None or pull.version is None:
        return None
    return pull.namespace_id, pull.package, pull.version

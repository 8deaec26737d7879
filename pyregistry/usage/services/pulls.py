"""How often a package was pulled on each day, and who pulled it lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from pyregistry.authnz.permissions import CredentialKind
from pyregistry.events.actions import Action
from pyregistry.events.models import PULL, Event, UsageCount

_LOOKED_AT: Final = 20_000
"""So many pulls of a package are read to tell who they were by, the last ones."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """How often something was done on one day (UTC)."""

    day: date
    count: int


@dataclass(frozen=True, slots=True)
class Puller:
    """Somebody who pulled: `name` is that of a user or token, None for nobody who signed in.

    Deploy tokens may be called as users are.
    """

    name: str | None
    pulls: int
    last_at: datetime
    is_deploy_token: bool = False


@dataclass(frozen=True, slots=True)
class Pullers:
    """Who pulled most, and how many they are in all; all who did not sign in are one.

    Where it is not `is_complete` there were more pulls than are looked at, and perhaps others.
    """

    most: Sequence[Puller]
    total: int
    pulls: int
    is_complete: bool


def pulls_by_day(
    session: Session, project_id: int, normalized_name: str, first: date, last: date
) -> list[DayCount]:
    """How often files of a package were pulled on each day from `first` to `last`. One query.

    Days without a pull are there, too, as 0.
    """
    rows = session.execute(
        select(UsageCount.day, UsageCount.count).where(
            UsageCount.namespace_id == project_id,
            UsageCount.package == normalized_name,
            UsageCount.action == str(Action.FILE_PULLED),
            UsageCount.day.between(first, last),
        )
    )
    counts = {row.day: row[1] for row in rows}
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [DayCount(day, counts.get(day, 0)) for day in days]


def who_pulled(
    session: Session,
    project_id: int,
    normalized_name: str,
    since: datetime,
    *,
    version: str | None = None,
    filename: str | None = None,
    limit: int = 10,
) -> Pullers:
    """Who pulled files of a package since a moment, those with the most pulls first.

    `version`, as first uploaded, and `filename` ask for those of a release or of one file. Two
    queries.
    """
    pulls = (
        select(
            Event.actor_name,
            Event.occurred_at,
            Event.version,
            Event.filename,
            (func.coalesce(Event.credential_kind, "") == str(CredentialKind.DEPLOY_TOKEN)).label(
                "is_deploy_token"
            ),
        )
        .where(
            # In the words of the index, without a parameter.
            text(PULL),
            Event.namespace_id == project_id,
            Event.package == normalized_name,
            Event.occurred_at >= since,
        )
        .order_by(Event.occurred_at.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    chosen: list[ColumnElement[bool]] = []
    if version is not None:
        chosen.append(pulls.c.version == version)
    if filename is not None:
        chosen.append(pulls.c.filename == filename)
    often = func.count()
    rows = session.execute(
        select(
            pulls.c.actor_name,
            often,
            func.max(pulls.c.occurred_at),
            pulls.c.is_deploy_token,
            func.count().over(),
            func.sum(often).over(),
        )
        .where(*chosen)
        .group_by(pulls.c.actor_name, pulls.c.is_deploy_token)
        .order_by(often.desc(), pulls.c.actor_name.asc().nulls_last(), pulls.c.is_deploy_token)
        .limit(limit)
    ).all()
    looked_at = session.scalars(select(func.count()).select_from(pulls)).one()
    total, all_pulls = (rows[0][4], int(rows[0][5])) if rows else (0, 0)
    most = [Puller(row[0], row[1], row[2], bool(row[3])) for row in rows]
    return Pullers(most, total, all_pulls, is_complete=looked_at < _LOOKED_AT)

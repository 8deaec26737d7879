"""Recording events and counting usage, inside the caller's transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.db import Base, in_batches, table_of
from pyregistry.events.actions import Action
from pyregistry.events.models import Event, UsageCount, UsageTotal

_COUNTED = frozenset({Action.FILE_PUSHED, Action.FILE_PULLED, Action.FILE_DELETED})


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was done: what, by whom, when, to what.

    What happens to a group or project itself, or to its members, has no package; what
    happens to a user or to the whole instance has no namespace either.
    """

    action: Action
    actor: Actor
    occurred_at: datetime
    namespace_id: int | None
    namespace_path: str | None
    package: str | None = None
    version: str | None = None
    filename: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


CountKey = tuple[int, str, date, str]
"""Namespace, normalised package name, day in UTC, action."""


def record(session: Session, happenings: Iterable[Happening]) -> None:
    """Write an event for each happening, and add those on files to the day's counts."""
    happenings = list(happenings)
    if not happenings:
        return
    # Events name what may be new in this session.
    session.flush()
    session.connection().execute(_ADD, [_event_values(happening) for happening in happenings])
    counts = Counter(
        (h.namespace_id, h.package, h.occurred_at.date(), str(h.action))
        for h in happenings
        if h.action in _COUNTED and h.namespace_id is not None and h.package is not None
    )
    add_counts(session, counts)


def record_noted(session: Session, happenings: Iterable[Happening]) -> list[Happening]:
    """Write down what was noted earlier; users and projects may be gone by now.

    The event of a user who is gone keeps the name; what happened in a project that is
    gone is kept as an event, and no longer counted. Gives the happenings as they were written:
    those in a project that is gone have no namespace.
    """
    happenings = list(happenings)
    users = _existing(session, "users", {h.actor.user_id for h in happenings})
    namespaces = _held_namespaces(session, {h.namespace_id for h in happenings})
    written = [_without_gone(h, users, namespaces) for h in happenings]
    record(session, written)
    return written


def add_counts(session: Session, counts: Mapping[CountKey, int]) -> None:
    """Add to the counts of days, and to their totals; concurrent additions all count."""
    totals: Counter[tuple[int, date, str]] = Counter()
    # In one order everywhere, so that two writers never wait for each other in a circle.
    for (namespace_id, package, day, action), count in sorted(counts.items()):
        totals[namespace_id, day, action] += count
        key = {"namespace_id": namespace_id, "package": package, "day": day, "action": action}
        _add(session, UsageCount, key, count)
    for (namespace_id, day, action), count in sorted(totals.items()):
        key = {"namespace_id": namespace_id, "day": day, "action": action}
        _add(session, UsageTotal, key, count)


def _add(
    session: Session, table: type[UsageCount | UsageTotal], key: Mapping[str, Any], count: int
) -> None:
    connection = session.connection()
    connection.execute(
        _addition(table, tuple(key), connection.dialect.name), {**key, "count": count}
    )


@cache
def _addition(
    table: type[UsageCount | UsageTotal], key: tuple[str, ...], dialect: str
) -> Executable:
    """Built once: building it costs more than running it."""
    insert_or_update = postgresql_insert if dialect == "postgresql" else sqlite_insert
    counts = table_of(table)
    statement = insert_or_update(counts)
    return statement.on_conflict_do_update(
        index_elements=list(key), set_={"count": counts.c.count + statement.excluded.count}
    )


_ADD = insert(table_of(Event))


def _existing(session: Session, table: str, ids: set[int | None]) -> set[int]:
    column = Base.metadata.tables[table].c.id
    found: set[int] = set()
    for batch in in_batches([number for number in ids if number is not None]):
        found.update(session.scalars(select(column).where(column.in_(batch))))
    return found


def _held_namespaces(session: Session, ids: set[int | None]) -> dict[int, datetime]:
    """Since when each of the namespaces exists; none is deleted or moved while this is written.

    They are held in the order in which a change to a whole subtree holds them: notes come in
    any order, and two would wait for each other in a circle.
    """
    table = Base.metadata.tables["namespaces"]
    found: dict[int, datetime] = {}
    for batch in in_batches([number for number in ids if number is not None]):
        rows = session.execute(
            select(table.c.id, table.c.created_at)
            .where(table.c.id.in_(batch))
            .order_by(table.c.id)
            .with_for_update(read=True, key_share=True)
        )
        found.update((row.id, row.created_at) for row in rows)
    return found


def _without_gone(
    happening: Happening, users: set[int], namespaces: Mapping[int, datetime]
) -> Happening:
    if happening.actor.user_id is not None and happening.actor.user_id not in users:
        happening = replace(happening, actor=replace(happening.actor, user_id=None))
    created_at = namespaces.get(happening.namespace_id or 0)
    # SQLite gives the number of what is gone to something new.
    if created_at is None or created_at > happening.occurred_at:
        happening = replace(happening, namespace_id=None)
    return happening


def _event_values(happening: Happening) -> dict[str, Any]:
    actor = happening.actor
    return {
        "occurred_at": happening.occurred_at,
        "action": str(happening.action),
        "actor_id": actor.user_id,
        "actor_name": actor.username,
        "credential_kind": actor.credential_kind,
        "credential_name": actor.credential_name,
        "address": actor.address,
        "user_agent": actor.user_agent,
        "namespace_id": happening.namespace_id,
        "namespace_path": happening.namespace_path or None,
        "package": happening.package,
        "version": happening.version,
        "filename": happening.filename,
        "details": dict(happening.details),
    }

"""Reading events: newest first, paged by id.

The log only grows, and ids with it: what a page or an export has begun to read does not move.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from pyregistry.audit.errors import EventNotFound
from pyregistry.audit.filters import EventFilter
from pyregistry.db import Database
from pyregistry.events.actions import Action
from pyregistry.events.models import Event
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind
from pyregistry.namespaces.names import path_key
from pyregistry.namespaces.records import NamespaceRecord

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """An event as it was recorded; ids are None where the user or namespace is gone."""

    id: int
    occurred_at: datetime
    action: str
    actor_id: int | None
    actor_name: str | None
    credential_kind: str | None
    credential_name: str | None
    address: str | None
    user_agent: str | None
    namespace_id: int | None
    namespace_path: str | None
    package: str | None
    version: str | None
    filename: str | None
    details: dict[str, Any]
    namespace_kind: NamespaceKind | None


_COLUMNS = (
    Event.id,
    Event.occurred_at,
    Event.action,
    Event.actor_id,
    Event.actor_name,
    Event.credential_kind,
    Event.credential_name,
    Event.address,
    Event.user_agent,
    Event.namespace_id,
    Event.namespace_path,
    Event.package,
    Event.version,
    Event.filename,
    Event.details,
    Namespace.kind,
)


def events_page(
    session: Session,
    scope: NamespaceRecord | None,
    chosen: EventFilter,
    *,
    before_id: int | None = None,
    limit: int,
) -> list[AuditEvent]:
    """At most `limit` events, newest first, of a namespace with everything below it.

    Without a namespace those of the whole instance: also of users, and of namespaces that
    are gone. `before_id` is the id of the last event of the page before.
    """
    conditions = _chosen(chosen)
    if scope is not None:
        conditions.append(_within(scope))
    return _read(session, conditions, before_id, limit)


def find_event(session: Session, scope: NamespaceRecord | None, event_id: int) -> AuditEvent:
    """The event with that id, of whatever action. Raises `EventNotFound`."""
    conditions = [Event.id == event_id]
    if scope is not None:
        conditions.append(_within(scope))
    found = _read(session, conditions, None, 1)
    if not found:
        raise EventNotFound
    return found[0]


def event_batches(
    database: Database,
    scope: NamespaceRecord | None,
    chosen: EventFilter,
    *,
    before_id: int | None = None,
    size: int = _BATCH,
) -> Iterator[list[AuditEvent]]:
    """Everything that `events_page` would list, in batches of `size`.

    Each is read in a session of its own, so that however slowly they are taken, no
    transaction stays open.
    """
    conditions = _chosen(chosen)
    if scope is not None:
        conditions.append(_within(scope, in_order=True))
    while True:
        batch = database.read(
            partial(_read, conditions=conditions, before_id=before_id, limit=size)
        )
        if batch:
            yield batch
        if len(batch) < size:
            return
        before_id = batch[-1].id


def _read(
    session: Session, conditions: list[ColumnElement[bool]], before_id: int | None, limit: int
) -> list[AuditEvent]:
    statement = (
        select(*_COLUMNS)
        .outerjoin(Namespace, Namespace.id == Event.namespace_id)
        .where(*conditions)
        .order_by(Event.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        statement = statement.where(Event.id < before_id)
    return [AuditEvent(*row) for row in session.execute(statement)]


def _within(scope: NamespaceRecord, *, in_order: bool = False) -> ColumnElement[bool]:
    """The condition that an event happened in a namespace or below it.

    With `in_order` the database is led to read all events in order and to leave out what is
    elsewhere: who reads everything in batches passes each of them once. Without it SQLite
    reads all events of the group, and sorts them, for every page.
    """
    if scope.is_project:
        return Event.namespace_id == scope.id
    below = NamespaceAncestor.ancestor_id == scope.id
    if in_order:
        return exists().where(NamespaceAncestor.namespace_id == Event.namespace_id, below)
    return Event.namespace_id.in_(select(NamespaceAncestor.namespace_id).where(below))


def _chosen(chosen: EventFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.leaves_out_pulls:
        # The words of `NO_PULL`, without a parameter: else the partial indexes are not used.
        conditions.append(Event.action != literal_column(f"'{Action.FILE_PULLED}'"))
    if chosen.actions:
        conditions.append(Event.action.in_(sorted(chosen.actions)))
    if chosen.author_id is not None:
        conditions.append(Event.actor_id == chosen.author_id)
    if chosen.author_name is not None:
        conditions.append(_done_by(chosen.author_name))
    if chosen.package is not None:
        conditions.append(Event.package == chosen.package)
    if chosen.namespace_path is not None:
        conditions.append(_at_or_below(path_key(chosen.namespace_path.strip("/"))))
    if chosen.credential_kind is not None:
        conditions.append(Event.credential_kind == chosen.credential_kind)
    if chosen.since is not None:
        conditions.append(Event.occurred_at >= chosen.since)
    if chosen.until is not None:
        conditions.append(Event.occurred_at < chosen.until)
    return conditions


def _done_by(name: str) -> ColumnElement[bool]:
    """User names are unique without case; SQLite knows the case of ASCII alone."""
    return or_(Event.actor_name == name, func.lower(Event.actor_name) == name.lower())


def _at_or_below(key: str) -> ColumnElement[bool]:
    """By the tree as it is now, and by the path that something had when it happened.

    The events of what was deleted belong to the group above it, and keep their paths.
    """
    in_tree = (
        select(NamespaceAncestor.namespace_id)
        .join(Namespace, Namespace.id == NamespaceAncestor.ancestor_id)
        .where(Namespace.full_path_key == key)
    )
    path = func.lower(Event.namespace_path)
    return or_(
        Event.namespace_id.in_(in_tree),
        path == key,
        path.startswith(f"{key}/", autoescape=True),
    )

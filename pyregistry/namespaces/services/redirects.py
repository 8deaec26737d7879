"""Old paths of groups and projects, which lead on until something else takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceRedirect
from pyregistry.namespaces.names import path_key
from pyregistry.namespaces.records import COLUMNS, NamespaceRecord


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where an old path leads.

    `taken` says how many segments of the path asked for the redirect replaces. `namespaces`
    go from the top group to the deepest that the rest of the path finds; the one at
    `target` is what had the old path.
    """

    taken: int
    target: int
    namespaces: tuple[NamespaceRecord, ...]

    @property
    def moved(self) -> NamespaceRecord:
        """What had the old path."""
        return self.namespaces[self.target]


def take_path(session: Session, full_path: str) -> None:
    """Forget where an old path led, and those below it: something else has the path now."""
    key = path_key(full_path)
    session.execute(
        delete(NamespaceRedirect).where(
            or_(
                NamespaceRedirect.path_key == key,
                NamespaceRedirect.path_key.startswith(f"{key}/", autoescape=True),
            )
        ),
        execution_options={"synchronize_session": False},
    )


def leave_path(session: Session, namespace_id: int, full_path: str, now: datetime) -> None:
    """Let the path that a namespace had until now lead to it."""
    key = path_key(full_path)
    session.execute(
        delete(NamespaceRedirect).where(NamespaceRedirect.path_key == key),
        execution_options={"synchronize_session": False},
    )
    session.add(NamespaceRedirect(path_key=key, namespace_id=namespace_id, created_at=now))
    session.flush()


def find_redirect(session: Session, keys: Sequence[str]) -> Redirect | None:
    """Where a path leads that is no namespace's any more; one query, whatever there is.

    `keys` are the prefixes of the path, in lower case, shortest first. The longest that was
    left counts. Whether the caller may see what it leads to, the caller of this must ask.
    """
    if not keys:
        return None
    taker = aliased(Namespace)
    leading = (
        select(NamespaceRedirect.path_key, NamespaceRedirect.namespace_id)
        .where(
            NamespaceRedirect.path_key.in_(keys),
            # A namespace that was created at the very moment when the path was left has it.
            ~exists(
                select(taker.id)
                .where(taker.full_path_key == NamespaceRedirect.path_key)
                .correlate(NamespaceRedirect)
            ),
        )
        .subquery("leading")
    )
    target = aliased(Namespace)
    above = select(
        leading.c.path_key, leading.c.namespace_id, NamespaceAncestor.ancestor_id.label("id")
    ).join(NamespaceAncestor, NamespaceAncestor.namespace_id == leading.c.namespace_id)
    inner = aliased(Namespace)
    below = (
        select(leading.c.path_key, leading.c.namespace_id, inner.id)
        .join(target, target.id == leading.c.namespace_id)
        .join(inner, _is_below(inner.full_path_key, target.full_path_key, leading.c.path_key, keys))
    )
    found = union(above, below).subquery("found")
    statement: Select[*tuple[Any, ...]] = select(
        *COLUMNS, found.c.path_key, found.c.namespace_id
    ).join(found, found.c.id == Namespace.id)
    rows = session.execute(statement).all()
    return _redirect(keys, [(NamespaceRecord.of(row), row[-2], row[-1]) for row in rows])


def _is_below(
    inner: InstrumentedAttribute[str],
    target: InstrumentedAttribute[str],
    old: ColumnElement[str],
    keys: Sequence[str],
) -> ColumnElement[bool]:
    """The condition that a namespace has the path that one of `keys` leads to."""
    return or_(*(inner == target + func.substr(key, func.length(old) + 1) for key in keys))


def _redirect(
    keys: Sequence[str], rows: Sequence[tuple[NamespaceRecord, str, int]]
) -> Redirect | None:
    if not rows:
        return None
    longest = max((old for _, old, _ in rows), key=len)
    records = {record.id: record for record, old, _ in rows if old == longest}
    namespaces = tuple(sorted(records.values(), key=lambda record: len(record.full_path_key)))
    target_id = next(target for _, old, target in rows if old == longest)
    place = next(at for at, record in enumerate(namespaces) if record.id == target_id)
    return Redirect(keys.index(longest) + 1, place, namespaces)

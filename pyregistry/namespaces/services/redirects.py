"""Old paths of groups and projects, which lead on until something else takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Select,
    Subquery,
    Text,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session, aliased

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
    parameters = {f"key_{place}": key for place, key in enumerate(keys)}
    rows = session.execute(_statement(len(keys)), parameters).all()
    return _redirect(keys, [(NamespaceRecord.of(row), row[-2], row[-1]) for row in rows])


@cache
def _statement(count: int) -> Select[*tuple[Any, ...]]:
    """The statement for paths of so many segments. Building one costs more than running it.

    It finds the namespaces above every redirect's target, itself included, and those below it
    that have the path to which a key leads.
    """
    keys = [bindparam(f"key_{place}", type_=Text) for place in range(count)]
    leading = _leading(keys)
    above = select(
        leading.c.path_key, leading.c.namespace_id, NamespaceAncestor.ancestor_id.label("id")
    ).join(NamespaceAncestor, NamespaceAncestor.namespace_id == leading.c.namespace_id)
    target, inner = aliased(Namespace), aliased(Namespace)
    led_to = (
        target.full_path_key + func.substr(key, func.length(leading.c.path_key) + 1) for key in keys
    )
    below = (
        select(leading.c.path_key, leading.c.namespace_id, inner.id)
        .join(target, target.id == leading.c.namespace_id)
        .join(inner, or_(*(inner.full_path_key == key for key in led_to)))
    )
    found = union(above, below).subquery("found")
    return select(*COLUMNS, found.c.path_key, found.c.namespace_id).join(
        found, found.c.id == Namespace.id
    )


def _leading(keys: Sequence[BindParameter[str]]) -> Subquery:
    """The redirects of the keys that no namespace has.

    A namespace that was created at the very moment when the path was left has it.
    """
    taker = aliased(Namespace)
    taken = exists(
        select(taker.id)
        .where(taker.full_path_key == NamespaceRedirect.path_key)
        .correlate(NamespaceRedirect)
    )
    return (
        select(NamespaceRedirect.path_key, NamespaceRedirect.namespace_id)
        .where(NamespaceRedirect.path_key.in_(keys), ~taken)
        .subquery("leading")
    )


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

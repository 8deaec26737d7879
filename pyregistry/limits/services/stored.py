"""Counting stored bytes, exactly and cheaply: one row for each group above a file.

Whoever records or deletes files, or deletes or moves what holds them, counts in the same
transaction, and holds the lock on the serial of the registry: no two count at once.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Executable, bindparam, literal, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from pyregistry.db import in_batches, table_of
from pyregistry.limits.models import InstanceStorage, NamespaceStorage
from pyregistry.namespaces.models import Namespace, NamespaceAncestor

_QUIETLY = {"synchronize_session": False}


def count_stored(session: Session, project_id: int, size: int) -> None:
    """Count `size` bytes more (fewer: negative) for a project, all groups above it, and all."""
    if size == 0:
        return
    session.flush()
    connection = session.connection()
    connection.execute(
        _add_above(connection.dialect.name), {"of_project": project_id, "added": size}
    )
    _count_all(session, size)


def count_moved(
    session: Session, namespace_id: int, left: Collection[int], entered: Collection[int]
) -> int:
    """Count what a group or project stores in the groups that it enters, not in those it leaves.

    Returns how many bytes that are.
    """
    size = used_bytes_of(session, namespace_id)
    for groups, added in ((left, -size), (entered, size)):
        for batch in in_batches(groups):
            chosen = select(Namespace.id, literal(added)).where(Namespace.id.in_(batch))
            _add(session, chosen)
    return size


def forget_stored(session: Session, namespace_id: int) -> None:
    """Count what a group or project stores no more; it is about to be deleted with its row."""
    size = used_bytes_of(session, namespace_id)
    above = select(NamespaceAncestor.ancestor_id, literal(-size)).where(
        NamespaceAncestor.namespace_id == namespace_id, NamespaceAncestor.depth > 0
    )
    _add(session, above)
    _count_all(session, -size)


def locked_row(session: Session, namespace_id: int) -> NamespaceStorage:
    """The row of a group or project, which is made where it has none; nobody else changes it
    until the transaction ends."""
    _add(session, select(Namespace.id, literal(0)).where(Namespace.id == namespace_id))
    return session.get_one(NamespaceStorage, namespace_id, populate_existing=True)


def used_bytes_of(session: Session, namespace_id: int) -> int:
    """How much a group or project stores, with everything below it, in bytes."""
    used = session.scalar(
        select(NamespaceStorage.used_bytes).where(NamespaceStorage.namespace_id == namespace_id)
    )
    return used or 0


def _add(session: Session, chosen: Any) -> None:
    """Add to the rows of the namespaces that a query gives with the bytes; make them if need be."""
    session.execute(_added(session.get_bind().dialect.name, chosen), execution_options=_QUIETLY)


def _added(dialect: str, chosen: Any) -> Executable:
    insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
    statement: Any = insert(_storage).from_select(["namespace_id", "used_bytes"], chosen)
    changed: Executable = statement.on_conflict_do_update(
        index_elements=["namespace_id"],
        set_={"used_bytes": _storage.c.used_bytes + statement.excluded.used_bytes},
    )
    return changed


@cache
def _add_above(dialect: str) -> Executable:
    """Built once: building it costs more than running it."""
    above = table_of(NamespaceAncestor).c
    chosen = select(above.ancestor_id, bindparam("added", type_=BigInteger)).where(
        above.namespace_id == bindparam("of_project")
    )
    return _added(dialect, chosen)


def _count_all(session: Session, size: int) -> None:
    session.connection().execute(_ADD_TO_ALL, {"added": size})


_storage, _instance = table_of(NamespaceStorage), table_of(InstanceStorage)
_ADD_TO_ALL = update(_instance).values(used_bytes=_instance.c.used_bytes + bindparam("added"))

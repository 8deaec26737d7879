"""Whether the counts of stored bytes are what the files add up to, and setting them right."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, cast, func, select, update
from sqlalchemy.orm import Session

from pyregistry.limits.models import InstanceStorage, NamespaceStorage
from pyregistry.limits.services.stored import locked_row
from pyregistry.namespaces.models import Namespace, NamespaceAncestor
from pyregistry.packaging.models import File
from pyregistry.packaging.services.serials import hold_serial


@dataclass(frozen=True, slots=True)
class Miscount:
    """A group or project, or (None) the registry, whose count is not what it stores; in bytes."""

    namespace_id: int | None
    full_path: str
    counted: int
    stored: int


def miscounts(session: Session) -> Sequence[Miscount]:
    """Every wrong count, by path. It adds up every file: for checks, not for requests.

    A count and its files are read by one statement, which sees whole transactions alone: nobody
    who publishes meanwhile is taken for a mistake.
    """
    held = (
        select(File.project_id, cast(func.sum(File.size), BigInteger).label("size"))
        .group_by(File.project_id)
        .subquery("held")
    )
    stored = cast(func.coalesce(func.sum(held.c.size), 0), BigInteger)
    counted = func.coalesce(NamespaceStorage.used_bytes, 0)
    rows = session.execute(
        select(Namespace.id, Namespace.full_path, counted, stored)
        .outerjoin(NamespaceStorage, NamespaceStorage.namespace_id == Namespace.id)
        .join(NamespaceAncestor, NamespaceAncestor.ancestor_id == Namespace.id)
        .outerjoin(held, held.c.project_id == NamespaceAncestor.namespace_id)
        .group_by(Namespace.id, Namespace.full_path, NamespaceStorage.used_bytes)
        .having(counted != stored)
        .order_by(Namespace.full_path)
    )
    found = [Miscount(*row) for row in rows]
    size = select(cast(func.coalesce(func.sum(File.size), 0), BigInteger)).scalar_subquery()
    in_all = Miscount(None, "", *session.execute(select(InstanceStorage.used_bytes, size)).one())
    return [*found, in_all] if in_all.counted != in_all.stored else found


def recount(session: Session) -> Sequence[Miscount]:
    """Set right every wrong count, and return what it was. Nobody uploads or deletes meanwhile."""
    hold_serial(session)
    found = miscounts(session)
    for each in found:
        if each.namespace_id is None:
            session.execute(update(InstanceStorage).values(used_bytes=each.stored))
        else:
            locked_row(session, each.namespace_id).used_bytes = each.stored
    session.flush()
    return found

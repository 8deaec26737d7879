"""Reading the limits that meet in a place, and what is used of them."""

from collections.abc import Container

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pyregistry.limits.errors import MovedOverQuota
from pyregistry.limits.levels import Level, Limits
from pyregistry.limits.models import InstanceStorage, NamespaceStorage
from pyregistry.namespaces.models import Namespace, NamespaceAncestor
from pyregistry.sentences import shown_size


def limits_of(session: Session, namespace_id: int | None, bound: int) -> Limits:
    """The limits of a project or group, or (None) of the registry alone. At most two queries.

    `bound` is the largest file that the registry was started with, in bytes.
    """
    levels = [] if namespace_id is None else _levels(session, namespace_id)
    row = session.execute(
        select(
            InstanceStorage.used_bytes, InstanceStorage.max_file_size, InstanceStorage.storage_limit
        )
    ).one()
    registry = Level(
        None,
        None,
        "",
        row.used_bytes,
        admin_max_file_size=row.max_file_size,
        admin_storage_limit=row.storage_limit,
    )
    return Limits([*levels, registry], bound)


def check_fits(session: Session, project_id: int, size: int, seen: Container[int]) -> None:
    """Raise `FileTooLarge` or `OverQuota` where a project may not store a file of `size` bytes.

    Under the lock on the serial of the registry what is found holds until the commit. `seen`
    has the ids of the groups and projects that the refusal may name. The bound that the registry
    was started with is asked by who receives files.
    """
    limits_of(session, project_id, size).check(size, seen)


def check_moved_fits(session: Session, size: int, entered: Container[int], group_id: int) -> None:
    """Raise `MovedOverQuota` where a group that was entered now stores more than it may.

    What was moved has been counted already; it stores `size` bytes. `group_id` is where it is.
    """
    if size == 0:
        return
    for level in _levels(session, group_id):
        if level.namespace_id not in entered or level.quota is None:
            continue
        if level.used_bytes > level.quota:
            used = level.used_bytes - size
            raise MovedOverQuota(
                f"What it stores, {shown_size(size)}, does not fit into the quota of the group"
                f" {level.full_path}: {shown_size(max(0, used))} of {shown_size(level.quota)} are"
                " used."
            )


def _levels(session: Session, namespace_id: int) -> list[Level]:
    rows = session.execute(
        select(
            Namespace.id,
            Namespace.kind,
            Namespace.full_path,
            func.coalesce(NamespaceStorage.used_bytes, 0),
            NamespaceStorage.max_file_size,
            NamespaceStorage.storage_limit,
            NamespaceStorage.admin_max_file_size,
            NamespaceStorage.admin_storage_limit,
        )
        .join(NamespaceAncestor, NamespaceAncestor.ancestor_id == Namespace.id)
        .outerjoin(NamespaceStorage, NamespaceStorage.namespace_id == Namespace.id)
        .where(NamespaceAncestor.namespace_id == namespace_id)
        .order_by(NamespaceAncestor.depth)
    )
    return [Level(*row) for row in rows]

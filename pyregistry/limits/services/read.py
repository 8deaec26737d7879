"""Reading the limits that meet in a place, and what is used of them."""

from collections.abc import Container

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from pyregistry.db import table_of
from pyregistry.limits.errors import MovedOverQuota
from pyregistry.limits.levels import Level, Limits
from pyregistry.limits.models import InstanceStorage, NamespaceStorage
from pyregistry.namespaces.models import Namespace, NamespaceAncestor
from pyregistry.sentences import shown_size


def limits_of(session: Session, namespace_id: int | None, bound: int) -> Limits:
    """The limits of a project or group, or (None) of the registry alone. One query.

    `bound` is the largest file that the registry was started with, in bytes.
    """
    # A limit may have been changed in this session.
    session.flush()
    found = session.connection().execute(_LIMITS, {"of_namespace": namespace_id}).all()
    levels = [Level(*row[:_LEVEL_SIZE]) for row in found if row[0] is not None]
    used_bytes, max_file_size, storage_limit = found[0][_LEVEL_SIZE:]
    registry = Level(
        None,
        None,
        "",
        used_bytes,
        admin_max_file_size=max_file_size,
        admin_storage_limit=storage_limit,
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
    return [level for level in limits_of(session, namespace_id, 0).levels if level.namespace_id]


_places, _ancestors = table_of(Namespace), table_of(NamespaceAncestor)
_storage, _instance = table_of(NamespaceStorage), table_of(InstanceStorage)
_LEVEL = (
    _places.c.id,
    _places.c.kind,
    _places.c.full_path,
    func.coalesce(_storage.c.used_bytes, 0),
    _storage.c.max_file_size,
    _storage.c.storage_limit,
    _storage.c.admin_max_file_size,
    _storage.c.admin_storage_limit,
)
_LEVEL_SIZE = len(_LEVEL)
_LIMITS = (
    # A row even where no namespace is asked for: that of the registry.
    select(*_LEVEL, _instance.c.used_bytes, _instance.c.max_file_size, _instance.c.storage_limit)
    .select_from(_instance)
    .outerjoin(_ancestors, _ancestors.c.namespace_id == bindparam("of_namespace"))
    .outerjoin(_places, _places.c.id == _ancestors.c.ancestor_id)
    .outerjoin(_storage, _storage.c.namespace_id == _places.c.id)
    .order_by(_ancestors.c.depth)
)

"""Deleting groups and projects, with everything in them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, select, update
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.events.models import Event
from pyregistry.events.services.record import Happening, record
from pyregistry.limits.services.stored import forget_stored
from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.namespaces.services.locking import lock_subtree, lock_tree
from pyregistry.namespaces.services.subtrees import is_below
from pyregistry.packaging.models import File, Package, Release
from pyregistry.packaging.services.serials import hold_serial
from pyregistry.tree.services.credentials import block_bots_below

_ACTIONS = {
    NamespaceKind.GROUP: Action.GROUP_DELETED,
    NamespaceKind.PROJECT: Action.PROJECT_DELETED,
}
_DESCRIBED = (
    Namespace.kind,
    Namespace.full_path,
    Namespace.visibility,
    Namespace.packages_count,
    Namespace.files_count,
    Namespace.storage_bytes,
)


def delete_namespace(session: Session, namespace_id: int, actor: Actor, now: datetime) -> None:
    """Delete a group or project with everything in it: packages, members, tokens, rules.

    The events go up to the group above, whose Owners read them, and each group and project
    that is deleted is one more; those of a top-level group are left to administrators. Bots of
    its access tokens are blocked. The bytes of files stay until the sweeper finds that no file
    is made of them. Raises `NamespaceNotFound`.
    """
    lock_tree(session, namespace_id)
    # No file is recorded meanwhile, and the sweeper does not look.
    hold_serial(session)
    lock_subtree(session, namespace_id)
    namespace = session.get_one(Namespace, namespace_id, populate_existing=True)
    parent_id = namespace.parent_id
    described: Select[*tuple[Any, ...]] = select(*_DESCRIBED).where(is_below(namespace_id))
    gone = session.execute(described.order_by(Namespace.full_path_key)).all()
    _move_events(session, namespace_id, parent_id)
    block_bots_below(session, namespace_id, now)
    forget_stored(session, namespace_id)
    _delete_rows(session, namespace_id)
    session.expire_all()
    record(session, _happenings(gone, parent_id, actor, now))


def _move_events(session: Session, namespace_id: int, parent_id: int | None) -> None:
    session.execute(
        update(Event)
        .where(is_below(namespace_id, Event.namespace_id))
        .values(namespace_id=parent_id),
        execution_options={"synchronize_session": False},
    )


def _delete_rows(session: Session, namespace_id: int) -> None:
    for model in (File, Release, Package):
        session.execute(
            delete(model).where(is_below(namespace_id, model.project_id)),
            execution_options={"synchronize_session": False},
        )
    # Whatever else refers to a namespace goes with it, by the database itself.
    session.execute(
        delete(Namespace).where(is_below(namespace_id)),
        execution_options={"synchronize_session": False},
    )


def _happenings(
    gone: Sequence[Row[*tuple[Any, ...]]], parent_id: int | None, actor: Actor, now: datetime
) -> list[Happening]:
    return [
        Happening(
            _ACTIONS[row.kind],
            actor,
            now,
            parent_id,
            row.full_path,
            details={"before": _described(row), "after": None},
        )
        for row in gone
    ]


def _described(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    described = {"full_path": row.full_path, "visibility": row.visibility}
    if row.kind is NamespaceKind.PROJECT:
        described |= {
            "packages_count": row.packages_count,
            "files_count": row.files_count,
            "storage_bytes": row.storage_bytes,
        }
    return described

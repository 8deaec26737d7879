"""One change at a time to what a tree of groups must keep true."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from pyregistry.namespaces.errors import MovedMeanwhile, NamespaceNotFound
from pyregistry.namespaces.models import Namespace, NamespaceAncestor
from pyregistry.namespaces.services.subtrees import is_below

# Made once: to make an alias, with all of its columns, takes longer than the query.
_top = aliased(Namespace)


def lock_tree(session: Session, namespace_id: int) -> None:
    """Hold the lock on the top group of a namespace until the transaction ends.

    Two Owners who leave at once would each see the other stay, and a group that becomes
    private would not see the public project that is being created in it. Read what the
    rule is about after this. SQLite has one writer and needs no lock.

    Raises `NamespaceNotFound` for what is gone, and `MovedMeanwhile` for what was moved to
    another top group while the lock was waited for.
    """
    lock_trees(session, [namespace_id])


def lock_trees(session: Session, namespace_ids: Collection[int]) -> None:
    """Hold the locks on the top groups of several namespaces. Raises as `lock_tree` does."""
    wanted = set(namespace_ids)
    tops = _top_groups(session, wanted)
    session.execute(
        select(Namespace.id)
        .where(Namespace.id.in_(set(tops.values())))
        # In one order everywhere, so that two never wait for each other in a circle.
        .order_by(Namespace.id)
        # Not the lock of a deletion: rows that refer to the group may be written meanwhile.
        .with_for_update(key_share=True)
    )
    # Who held the lock before may have moved it, or deleted it.
    now = _top_groups(session, wanted)
    if now.keys() != wanted:
        raise NamespaceNotFound("There is no such group or project any more.")
    if now != tops:
        # Taking the other lock now could be in the wrong order.
        raise MovedMeanwhile


def lock_subtree(session: Session, namespace_id: int) -> None:
    """Hold the rows of a namespace and of everything below it, which are to be written.

    The caller holds the lock on the tree, and that on the serial where it needs both: who
    uploads holds that one while it refers to a project.
    """
    session.execute(
        # In the order in which the recorder holds the namespaces of its notes.
        select(Namespace.id).where(is_below(namespace_id)).order_by(Namespace.id).with_for_update()
    )


def lock_all_trees(session: Session) -> None:
    """Hold the lock on every top group until the transaction ends."""
    session.execute(
        select(Namespace.id)
        .where(Namespace.parent_id.is_(None))
        # In one order everywhere, so that two never wait for each other in a circle.
        .order_by(Namespace.id)
        .with_for_update(key_share=True)
    )


def _top_groups(session: Session, namespace_ids: Collection[int]) -> dict[int, int]:
    """The top group of each of the namespaces; what is gone has none."""
    rows = session.execute(
        select(NamespaceAncestor.namespace_id, _top.id)
        .join(_top, _top.id == NamespaceAncestor.ancestor_id)
        .where(NamespaceAncestor.namespace_id.in_(namespace_ids), _top.parent_id.is_(None))
    )
    return {row[0]: row[1] for row in rows}

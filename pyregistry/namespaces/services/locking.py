"""One change at a time to what a tree of groups must keep true."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.namespaces.models import Namespace, NamespaceAncestor


def lock_tree(session: Session, namespace_id: int) -> None:
    """Hold the lock on the top group of a namespace until the transaction ends.

    Two Owners who leave at once would each see the other stay, and a group that becomes
    private would not see the public project that is being created in it. Read what the
    rule is about after this. SQLite has one writer and needs no lock.
    """
    top = (
        select(NamespaceAncestor.ancestor_id)
        .where(NamespaceAncestor.namespace_id == namespace_id)
        .order_by(NamespaceAncestor.depth.desc())
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        # Not the lock of a deletion: rows that refer to the group may be written meanwhile.
        select(Namespace.id).where(Namespace.id == top).with_for_update(key_share=True)
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

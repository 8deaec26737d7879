"""Spreading a switch of the package registry to everything below it.

`packages_available` says of each namespace whether the package registry is turned on there,
in every group above it, and for the instance. It is kept, so that reads ask one column. The
statements here are about sets: a group of 100,000 projects is turned off by one.
"""

from sqlalchemy import ColumnElement, exists, select, true, update
from sqlalchemy.orm import Session, aliased

from pyregistry.namespaces.models import Namespace, NamespaceAncestor
from pyregistry.namespaces.services.subtrees import is_below


def make_unavailable(session: Session, namespace_id: int | None) -> None:
    """Note that a namespace was turned off, and with it all that is in it; None: the instance.

    The caller holds the lock on the tree, or on all of them.
    """
    session.execute(
        update(Namespace)
        .where(Namespace.packages_available, _within(namespace_id))
        .values(packages_available=False),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()


def make_available(session: Session, namespace_id: int | None) -> None:
    """Note that a namespace was turned on again; None: the instance.

    What is turned off itself, or by a group above it, stays so. The instance must be on. The
    caller holds the lock on the tree, or on all of them.
    """
    above = aliased(Namespace)
    turned_off = exists(
        select(above.id)
        .join(NamespaceAncestor, NamespaceAncestor.ancestor_id == above.id)
        .where(
            NamespaceAncestor.namespace_id == Namespace.id,
            above.packages_enabled.is_(False),
        )
        .correlate(Namespace)
    )
    session.execute(
        update(Namespace)
        .where(Namespace.packages_available.is_(False), _within(namespace_id), ~turned_off)
        .values(packages_available=True),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()


def _within(namespace_id: int | None) -> ColumnElement[bool]:
    return true() if namespace_id is None else is_below(namespace_id)

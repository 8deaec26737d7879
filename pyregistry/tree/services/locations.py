"""Where something can be moved to."""

from sqlalchemy import ColumnElement, Row, Select, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import MANAGER_ROLE
from pyregistry.namespaces.models import (
    Membership,
    Namespace,
    NamespaceAncestor,
    NamespaceKind,
)
from pyregistry.namespaces.services.readable import unexpired
from pyregistry.slices import Order, Slice, Window, read_slice


def transfer_locations(
    session: Session, namespace_id: int, viewer: Viewer, window: Window, *, query: str = ""
) -> Slice[Namespace]:
    """The groups in which the viewer may create, by path; not those where or in which it is.

    `query` is a part of the path, whatever its case. What else may forbid a transfer is not
    looked at.
    """
    parent = select(Namespace.parent_id).where(Namespace.id == namespace_id).scalar_subquery()
    inside = select(NamespaceAncestor.namespace_id).where(
        NamespaceAncestor.ancestor_id == namespace_id
    )
    statement: Select[Namespace] = select(Namespace).where(
        Namespace.kind == NamespaceKind.GROUP,
        Namespace.id.not_in(inside),
        or_(parent.is_(None), Namespace.id != parent),
        _managed(viewer),
    )
    if query:
        statement = statement.where(
            Namespace.full_path_key.contains(query.lower(), autoescape=True)
        )
    by_path = Order((Namespace.full_path_key.expression,))
    return read_slice(session, statement, by_path, window, _group)


def _group(row: Row[Namespace]) -> Namespace:
    return row[0]


def _managed(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_admin:
        return true()
    if viewer.user_id is None:
        return false()
    above = and_(
        NamespaceAncestor.namespace_id == Namespace.id,
        NamespaceAncestor.ancestor_id == Membership.namespace_id,
    )
    return exists(
        select(Membership.id)
        .join(NamespaceAncestor, above)
        .where(
            Membership.user_id == viewer.user_id,
            Membership.role >= int(MANAGER_ROLE),
            unexpired(viewer.now),
        )
        .correlate(Namespace)
    )

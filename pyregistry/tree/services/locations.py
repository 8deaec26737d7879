"""Where something can be moved to."""

from sqlalchemy import Row, Select, or_, select, true
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import MANAGER_ROLE
from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.namespaces.services.readable import has_role
from pyregistry.namespaces.services.subtrees import is_below
from pyregistry.slices import Order, Slice, Window, read_slice


def transfer_locations(
    session: Session, namespace_id: int, viewer: Viewer, window: Window, *, query: str = ""
) -> Slice[Namespace]:
    """The groups in which the viewer may create, by path; not those where or in which it is.

    `query` is a part of the path, whatever its case. What else may forbid a transfer is not
    looked at.
    """
    parent = select(Namespace.parent_id).where(Namespace.id == namespace_id).scalar_subquery()
    statement: Select[Namespace] = select(Namespace).where(
        Namespace.kind == NamespaceKind.GROUP,
        ~is_below(namespace_id),
        or_(parent.is_(None), Namespace.id != parent),
        true() if viewer.is_admin else has_role(viewer, MANAGER_ROLE),
    )
    if query:
        statement = statement.where(
            Namespace.full_path_key.contains(query.lower(), autoescape=True)
        )
    by_path = Order((Namespace.full_path_key.expression,))
    return read_slice(session, statement, by_path, window, _group)


def _group(row: Row[Namespace]) -> Namespace:
    return row[0]

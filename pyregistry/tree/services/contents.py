"""How much a group or project holds: what goes when it is deleted."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.namespaces.services.subtrees import is_below


@dataclass(frozen=True, slots=True)
class Contents:
    """How many groups and projects there are below a namespace, and what is in all of them.

    The namespace itself is not counted among them, but what it holds is.
    """

    groups: int
    projects: int
    packages: int
    files: int
    storage_bytes: int


def contents_of(session: Session, namespace_id: int) -> Contents:
    """What a group or project holds, however deep; one query."""
    inside = Namespace.id != namespace_id
    row = session.execute(
        select(
            func.count().filter(inside, Namespace.kind == NamespaceKind.GROUP),
            func.count().filter(inside, Namespace.kind == NamespaceKind.PROJECT),
            func.coalesce(func.sum(Namespace.packages_count), 0),
            func.coalesce(func.sum(Namespace.files_count), 0),
            func.coalesce(func.sum(Namespace.storage_bytes), 0),
        ).where(is_below(namespace_id))
    ).one()
    return Contents(*map(int, row))

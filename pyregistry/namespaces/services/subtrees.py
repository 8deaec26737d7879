"""What a group or project has below it, itself included, as conditions in a query."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select

from pyregistry.namespaces.models import Namespace, NamespaceAncestor


def ids_below(namespace_id: int) -> Select[int]:
    """The ids of a namespace and of everything below it."""
    return select(NamespaceAncestor.namespace_id).where(
        NamespaceAncestor.ancestor_id == namespace_id
    )


def is_below(namespace_id: int, column: Any = Namespace.id) -> ColumnElement[bool]:
    """The condition that a column with ids of namespaces names this one, or one below it."""
    condition: ColumnElement[bool] = column.in_(ids_below(namespace_id))
    return condition

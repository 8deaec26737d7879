"""A namespace as requests read it: a plain record, loaded with its whole lineage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyregistry.namespaces.models import Namespace, NamespaceKind, Visibility

COLUMNS = (
    Namespace.id,
    Namespace.kind,
    Namespace.parent_id,
    Namespace.name,
    Namespace.path,
    Namespace.full_path,
    Namespace.full_path_key,
    Namespace.description,
    Namespace.visibility,
    Namespace.packages_enabled,
    Namespace.packages_available,
    Namespace.anyone_can_pull,
    Namespace.pulls_open,
    Namespace.serial,
)
"""What a statement selects to make records of its first columns."""


@dataclass(frozen=True, slots=True)
class NamespaceRecord:
    """The columns of a namespace that traversal and access control need."""

    id: int
    kind: NamespaceKind
    parent_id: int | None
    name: str
    """As people call it; no address holds it."""
    path: str
    full_path: str
    full_path_key: str
    description: str
    visibility: Visibility
    packages_enabled: bool
    packages_available: bool
    anyone_can_pull: bool
    pulls_open: bool
    serial: int

    @classmethod
    def of(cls, row: Sequence[Any]) -> "NamespaceRecord":
        """The record in the first columns of a row of `COLUMNS`."""
        return cls(*row[: len(COLUMNS)])

    @property
    def is_project(self) -> bool:
        """Whether this is a project; a group otherwise."""
        return self.kind is NamespaceKind.PROJECT

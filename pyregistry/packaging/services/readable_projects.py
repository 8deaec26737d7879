"""In which projects a viewer may read packages, for statements about packages of many projects."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    SQLColumnExpression,
    bindparam,
    exists,
    literal_column,
    select,
)
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.db import Identifier
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind
from pyregistry.namespaces.services.readable import readable

_MANY_PROJECTS = 5_000
"""More are not named in a statement one by one: each row found is asked for its project."""


@dataclass(frozen=True, slots=True)
class ReadableProjects:
    """The condition that a project is one that the viewer may read, fast for 100,000 rows.

    Who may read is found out once a project, and not once a row.
    """

    ids: Sequence[int] | Select[int]

    @classmethod
    def of(
        cls, session: Session, viewer: Viewer, namespace_id: int | None = None
    ) -> "ReadableProjects":
        """Those of the instance, or of a group or project and everything in it. One query."""
        projects = select(Namespace.id).where(
            Namespace.kind == NamespaceKind.PROJECT, readable(viewer)
        )
        if namespace_id is not None:
            projects = projects.join(
                NamespaceAncestor, NamespaceAncestor.namespace_id == Namespace.id
            ).where(NamespaceAncestor.ancestor_id == namespace_id)
        ids = session.scalars(projects.limit(_MANY_PROJECTS + 1)).all()
        return cls(projects if len(ids) > _MANY_PROJECTS else ids)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return isinstance(self.ids, Select) or bool(self.ids)

    def condition(self, project_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
        """The condition on a column with the ids of projects, for which no index is used."""
        if isinstance(self.ids, Select):
            return exists(
                self.ids.where(Namespace.id == project_id).correlate_except(
                    Namespace, NamespaceAncestor
                )
            )
        ids: BindParameter[int] = bindparam(
            "project_ids", self.ids, expanding=True, literal_execute=True
        )
        return (project_id + literal_column("0", Identifier)).in_(ids)

"""Reading how often something was done, added up by day, by package, or over all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import READER_ROLE
from pyregistry.events.models import UsageCount, UsageTotal
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.namespaces.services.readable import visible
from pyregistry.slices import Order, Slice, Window, read_slice
from pyregistry.usage.filters import Grouping, UsageFilter

_Table = type[UsageCount] | type[UsageTotal]


@dataclass(frozen=True, slots=True)
class Usage:
    """How often an action was done; `day`, `package` and `project_id` where they tell it apart.

    `package` is None besides for what was done with no package of the project.
    """

    action: str
    count: int
    day: date | None = None
    package: str | None = None
    project_id: int | None = None


def usage_slice(
    session: Session,
    scope: NamespaceRecord | None,
    viewer: Viewer,
    chosen: UsageFilter,
    grouping: Grouping,
    window: Window,
) -> Slice[Usage]:
    """Counts of a project, of those of a group, or (None) of all, that the viewer may read.

    By day they are in the order of days, by package in that of projects and names; then in
    that of actions. At most two queries. Raises `Invalid` for a wrong cursor.
    """
    # The totals of projects tell no package apart, and are a thousand times fewer.
    by_package = grouping is Grouping.PACKAGE or chosen.package is not None
    table = UsageCount if by_package else UsageTotal
    columns = _columns(grouping, table)
    statement = (
        select(*columns, func.sum(table.count))
        .where(within(scope, viewer, table), *chosen_counts(chosen, table))
        .group_by(*columns)
    )

    def usage(row: Row[*tuple[Any, ...]]) -> Usage:
        # A sum of big integers is a decimal number to PostgreSQL.
        return _usage(grouping, row[: len(columns)], int(row[len(columns)]))

    return read_slice(session, statement, Order(columns), window, usage)


def _columns(grouping: Grouping, table: _Table) -> tuple[ColumnElement[Any], ...]:
    """What tells the rows apart, in their order."""
    action = table.action.expression
    if grouping is Grouping.DAY:
        return (table.day.expression, action)
    if grouping is Grouping.PACKAGE:
        return (UsageCount.namespace_id.expression, UsageCount.package.expression, action)
    return (action,)


def _usage(grouping: Grouping, key: Sequence[Any], count: int) -> Usage:
    if grouping is Grouping.DAY:
        return Usage(key[1], count, day=key[0])
    if grouping is Grouping.PACKAGE:
        return Usage(key[2], count, project_id=key[0], package=key[1] or None)
    return Usage(key[0], count)


def within(scope: NamespaceRecord | None, viewer: Viewer, table: _Table) -> ColumnElement[bool]:
    """The condition on the project. Of a project itself the view has asked who may read it.

    As a list of ids it leaves every database free to read the rows in the order of their key,
    and to stop at the end of the page.
    """
    if scope is not None and scope.is_project:
        return table.namespace_id == scope.id
    readable = select(Namespace.id).where(
        Namespace.kind == NamespaceKind.PROJECT,
        Namespace.packages_available,
        visible(viewer, READER_ROLE),
    )
    if scope is not None:
        readable = readable.join(
            NamespaceAncestor, NamespaceAncestor.namespace_id == Namespace.id
        ).where(NamespaceAncestor.ancestor_id == scope.id)
    return table.namespace_id.in_(readable)


def chosen_counts(chosen: UsageFilter, table: _Table) -> list[ColumnElement[bool]]:
    """The conditions that hold for the counts that are asked for."""
    conditions: list[ColumnElement[bool]] = [table.day.between(chosen.first, chosen.last)]
    if chosen.package is not None:
        conditions.append(UsageCount.package == chosen.package)
    if chosen.action is not None:
        conditions.append(table.action == chosen.action)
    return conditions

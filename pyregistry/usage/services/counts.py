"""Reading how often something was done, added up by day, by package, or over all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import READER_ROLE, Role
from pyregistry.events.models import UsageCount, UsageTotal
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.namespaces.services.readable import visible, visited
from pyregistry.slices import Order, Slice, Window, read_slice
from pyregistry.usage.filters import Grouping, UsageFilter

_Table = type[UsageCount] | type[UsageTotal]


@dataclass(frozen=True, slots=True)
class Usage:
    """How often an action was done; the rest where it tells the counts apart.

    By package, one of `project_id` and `group_id` says whose count it is; `package` is None for
    what was done with no package of the project, and of a group, which has none.
    """

    action: str
    count: int
    day: date | None = None
    package: str | None = None
    project_id: int | None = None
    group_id: int | None = None

    @property
    def namespace_id(self) -> int | None:
        """That of the project or group."""
        return self.group_id if self.project_id is None else self.project_id


def usage_slice(
    session: Session,
    scope: NamespaceRecord | None,
    viewer: Viewer,
    chosen: UsageFilter,
    grouping: Grouping,
    window: Window,
) -> Slice[Usage]:
    """Counts of a project, of a group and all in it, or (None) of all, that the viewer may read.

    By day they are in the order of days, by package in that of the ids of projects and groups,
    then of names; then in that of actions. At most two queries. Raises `Invalid` for a wrong
    cursor.
    """
    # The totals of projects tell no package apart, and are a thousand times fewer.
    by_package = grouping is Grouping.PACKAGE or chosen.package is not None
    table = UsageCount if by_package else UsageTotal
    columns = _columns(grouping, table)
    statement = (
        select(*columns, func.sum(table.count), *_kind(grouping))
        .where(within(scope, viewer, table), *chosen_counts(chosen, table))
        .group_by(*columns)
    )

    def usage(row: Row[*tuple[Any, ...]]) -> Usage:
        # A sum of big integers is a decimal number to PostgreSQL.
        return _usage(grouping, row, int(row[len(columns)]))

    return read_slice(session, statement, Order(columns), window, usage)


def _columns(grouping: Grouping, table: _Table) -> tuple[ColumnElement[Any], ...]:
    """What tells the rows apart, in their order."""
    action = table.action.expression
    if grouping is Grouping.DAY:
        return (table.day.expression, action)
    if grouping is Grouping.PACKAGE:
        return (UsageCount.namespace_id.expression, UsageCount.package.expression, action)
    return (action,)


def _kind(grouping: Grouping) -> tuple[ColumnElement[Any], ...]:
    """Behind the count of a package: of what it is. Read for the rows of a page only."""
    if grouping is not Grouping.PACKAGE:
        return ()
    kind = select(Namespace.kind).where(Namespace.id == UsageCount.namespace_id)
    return (kind.scalar_subquery().label("kind"),)


def _usage(grouping: Grouping, row: Sequence[Any], count: int) -> Usage:
    if grouping is Grouping.DAY:
        return Usage(row[1], count, day=row[0])
    if grouping is Grouping.PACKAGE:
        namespace_id, package, action, _, kind = row[:5]
        if kind == NamespaceKind.GROUP:
            return Usage(action, count, package=package or None, group_id=namespace_id)
        return Usage(action, count, package=package or None, project_id=namespace_id)
    return Usage(row[0], count)


def within(scope: NamespaceRecord | None, viewer: Viewer, table: _Table) -> ColumnElement[bool]:
    """The condition on the project or group: those whose packages the viewer may read.

    A group counts for whoever sees it. Of a project itself the view has asked who may read it.
    As a list of ids it leaves every database free to read the rows in the order of their key,
    and to stop at the end of the page.
    """
    if scope is not None and scope.is_project:
        return table.namespace_id == scope.id
    is_project = Namespace.kind == NamespaceKind.PROJECT
    is_group = Namespace.kind == NamespaceKind.GROUP
    readable = select(Namespace.id).where(
        Namespace.packages_available,
        # In one: PostgreSQL plans badly for two lists, one of which is nearly empty.
        or_(
            and_(is_project, visible(viewer, READER_ROLE)),
            and_(is_group, or_(visible(viewer, Role.GUEST), visited(viewer))),
        ),
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

"""What pages and tables show of counts: whole periods, and the packages that are used most."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.db import Database
from pyregistry.events.counted import CountedAction
from pyregistry.events.models import UsageCount
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.slices import Slice, Window
from pyregistry.usage.filters import MAXIMUM_DAYS, Grouping, UsageFilter
from pyregistry.usage.services.counts import Usage, chosen_counts, usage_slice, within

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class PackageUsage:
    """How often each action was done with a package.

    `package` is None for what was done with no package in particular: of the project, or of the
    group that has a path here instead of one.
    """

    project_path: str | None
    package: str | None
    counts: dict[str, int]
    group_path: str | None = None


def counts_by_day(
    session: Session, scope: NamespaceRecord | None, viewer: Viewer, chosen: UsageFilter
) -> dict[str, dict[date, int]]:
    """By action, the counts of the days that have any. One query; `usage_slice` says of what."""
    window = Window(MAXIMUM_DAYS * len(CountedAction), by_key=True)
    found: dict[str, dict[date, int]] = defaultdict(dict)
    for usage in usage_slice(session, scope, viewer, chosen, Grouping.DAY, window).rows:
        if usage.day is not None:
            found[usage.action][usage.day] = usage.count
    return dict(found)


def most_pulled(
    session: Session,
    scope: NamespaceRecord | None,
    viewer: Viewer,
    chosen: UsageFilter,
    *,
    limit: int,
) -> list[PackageUsage]:
    """The packages of which most files were pulled, most first; with their other counts, too.

    Two queries.
    """
    conditions = (within(scope, viewer, UsageCount), *chosen_counts(chosen, UsageCount))
    pulls = func.sum(UsageCount.count)
    key = (UsageCount.namespace_id, UsageCount.package)
    top = session.execute(
        select(*key)
        .where(*conditions, UsageCount.action == CountedAction.FILE_PULLED)
        .group_by(*key)
        .order_by(pulls.desc(), *key)
        .limit(limit)
    ).all()
    projects = {row.namespace_id for row in top}
    packages = {row.package for row in top}
    counts: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    paths: dict[int, str] = {}
    for row in session.execute(
        select(*key, UsageCount.action, pulls.label("sum"), Namespace.full_path)
        .join(Namespace, Namespace.id == UsageCount.namespace_id)
        .where(*conditions, UsageCount.namespace_id.in_(projects), UsageCount.package.in_(packages))
        .group_by(*key, UsageCount.action, Namespace.full_path)
    ):
        counts[row.namespace_id, row.package][row.action] = int(row.sum)
        paths[row.namespace_id] = row.full_path
    return [
        PackageUsage(paths[project], package or None, counts[project, package])
        for project, package in top
    ]


def package_usage(
    database: Database, scope: NamespaceRecord | None, viewer: Viewer, chosen: UsageFilter
) -> Iterator[PackageUsage]:
    """The counts of every package and of groups, in the order of their ids, then of names.

    They are read in batches, each in a session of its own, so that however slowly they are
    taken, no transaction stays open.
    """
    found = _by_package(database, scope, viewer, chosen)
    for (path, of_group, package), rows in groupby(found, key=_place):
        counts = {usage.action: usage.count for _, usage in rows}
        if of_group:
            yield PackageUsage(None, package, counts, group_path=path)
        else:
            yield PackageUsage(path, package, counts)


def _place(found: tuple[str, Usage]) -> tuple[str, bool, str | None]:
    """What the counts of one row have in common: the path, whether it is a group's, the package."""
    path, usage = found
    return path, usage.group_id is not None, usage.package


def _by_package(
    database: Database, scope: NamespaceRecord | None, viewer: Viewer, chosen: UsageFilter
) -> Iterator[tuple[str, Usage]]:
    cursor: str | None = None
    while True:
        window = Window(_BATCH, by_key=True, cursor=cursor)

        def read(
            session: Session, window: Window = window
        ) -> tuple[Slice[Usage], dict[int | None, str]]:
            found = usage_slice(session, scope, viewer, chosen, Grouping.PACKAGE, window)
            return found, _paths(session, found.rows)

        found, paths = database.read(read)
        for usage in found.rows:
            # What was deleted between two queries has no path, and no counts either.
            if usage.namespace_id in paths:
                yield paths[usage.namespace_id], usage
        cursor = found.cursor
        if cursor is None:
            return


def _paths(session: Session, rows: Sequence[Usage]) -> dict[int | None, str]:
    ids = {usage.namespace_id for usage in rows}
    statement = select(Namespace.id, Namespace.full_path).where(Namespace.id.in_(ids))
    return {row.id: row.full_path for row in session.execute(statement)}

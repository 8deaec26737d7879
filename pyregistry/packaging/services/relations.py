"""What packages need that lives here, and what needs them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from pyregistry.authnz.identity import Viewer
from pyregistry.namespaces.models import Namespace, NamespaceAncestor
from pyregistry.namespaces.services.readable import readable
from pyregistry.packaging.models import Package, PackageDependency
from pyregistry.packaging.services.readable_projects import ReadableProjects

MAXIMUM_COUNTED = 1_000
"""More dependents are not counted."""

_FARTHEST = 1_000
"""Farther away than any group above a project."""


@dataclass(frozen=True, slots=True)
class Dependent:
    """A package that needs another."""

    project_path: str
    name: str
    normalized_name: str
    latest_version: str | None


@dataclass(frozen=True, slots=True)
class UsedBy:
    """Some of the packages that need another; `total` is None above `MAXIMUM_COUNTED`."""

    packages: Sequence[Dependent]
    total: int | None


def packages_here(
    session: Session, names: Collection[str], viewer: Viewer, project_id: int
) -> dict[str, str]:
    """Which of the normalised names are packages that the viewer may read: the project's path.

    Of several of one name that of `project_id` itself counts, else that in the subtree of the
    nearest group above it, else any other; then the first by path. Clients may find another:
    that depends on the index they are given. One query; none without names.
    """
    if not names:
        return {}
    above, theirs = aliased(NamespaceAncestor), aliased(NamespaceAncestor)
    distance = (
        select(func.min(above.depth))
        .join(theirs, theirs.ancestor_id == above.ancestor_id)
        .where(above.namespace_id == project_id, theirs.namespace_id == Package.project_id)
        .correlate(Package)
        .scalar_subquery()
    )
    place = func.row_number().over(
        partition_by=Package.normalized_name,
        order_by=(func.coalesce(distance, _FARTHEST), Namespace.full_path_key),
    )
    found = (
        select(Package.normalized_name, Namespace.full_path, place.label("place"))
        .join(Namespace, Namespace.id == Package.project_id)
        .where(Package.normalized_name.in_(names), readable(viewer))
        .subquery()
    )
    rows = session.execute(
        select(found.c.normalized_name, found.c.full_path).where(found.c.place == 1)
    )
    return {row.normalized_name: row.full_path for row in rows}


def used_by(session: Session, normalized_name: str, viewer: Viewer, *, limit: int) -> UsedBy:
    """Packages that the viewer may read and whose latest release needs one of that name.

    By name, at most `limit`. Requires-Dist has a name and no project: each package of the name,
    in whatever project, is used by the same, for their metadata does not say which is meant. At
    most three queries.
    """
    projects = ReadableProjects.of(session, viewer)
    if not projects:
        return UsedBy([], 0)
    chosen = select(PackageDependency.package_id).where(
        PackageDependency.name == normalized_name,
        projects.condition(PackageDependency.project_id),
    )
    order = (PackageDependency.normalized_name, PackageDependency.package_id)
    rows = session.execute(
        chosen.join(Package, Package.id == PackageDependency.package_id)
        .join(Namespace, Namespace.id == PackageDependency.project_id)
        .with_only_columns(
            Namespace.full_path, Package.name, Package.normalized_name, Package.latest_version
        )
        .order_by(*order)
        .limit(limit + 1)
    ).all()
    total: int | None = len(rows)
    if len(rows) > limit:
        counted = chosen.limit(MAXIMUM_COUNTED + 1).subquery()
        total = session.scalars(select(func.count()).select_from(counted)).one()
    known = total if total is not None and total <= MAXIMUM_COUNTED else None
    return UsedBy([Dependent(*row) for row in rows[:limit]], known)

"""The packages of a group and everything in it, by name."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind
from pyregistry.packaging.models import Package, PackageText
from pyregistry.packaging.services.readable_projects import ReadableProjects
from pyregistry.packaging.services.searching import FoundPackage, found_packages
from pyregistry.slices import COUNTED, Order, Slice, Window, read_slice


def subtree_packages(
    session: Session, viewer: Viewer, group_id: int, *, size: int, cursor: str | None = None
) -> Slice[FoundPackage]:
    """The packages in the projects of a group that the viewer may read, by name.

    At most `size`, after the one with the `cursor`; at most four queries. Raises `Invalid` for
    a cursor of another list.
    """
    projects = ReadableProjects.of(session, viewer, group_id)
    if not projects:
        return Slice([], follows=False)
    model = PackageText if _are_many(session, group_id) else Package
    number = PackageText.package_id if model is PackageText else Package.id
    statement: Select[*tuple[Any, ...]] = select(number).where(projects.condition(model.project_id))
    order = Order((model.normalized_name, number))
    window = Window(size, by_key=True, cursor=cursor)
    found: Slice[int] = read_slice(session, statement, order, window, lambda row: row[0])
    return found.with_rows(found_packages(session, found.rows))


def _are_many(session: Session, group_id: int) -> bool:
    """Whether so many are in the group that a walk through all names soon meets them.

    Few are faster found project by project, and then sorted.
    """
    counted = session.scalars(
        select(func.sum(Namespace.packages_count))
        .join(NamespaceAncestor, NamespaceAncestor.namespace_id == Namespace.id)
        .where(NamespaceAncestor.ancestor_id == group_id, Namespace.kind == NamespaceKind.PROJECT)
    ).one()
    return (counted or 0) > COUNTED

"""Groups and projects in lists, as the first page and those of groups show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyramid.request import Request

from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.namespaces.services.pages import readable_packages_counts
from pyregistry.resources.base import viewer_of


@dataclass(frozen=True, slots=True)
class ListedNamespace:
    """A group or a project. `packages_count` is None where the viewer may not know it."""

    record: NamespaceRecord
    packages_count: int | None


def listed(request: Request, records: Sequence[NamespaceRecord]) -> list[ListedNamespace]:
    """The records with what a list shows beside them, in one query."""
    projects = [record.id for record in records if record.is_project]
    counts = readable_packages_counts(request.db, viewer_of(request), projects)
    return [ListedNamespace(record, counts.get(record.id)) for record in records]

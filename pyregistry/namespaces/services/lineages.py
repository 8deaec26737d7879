"""The groups above several namespaces at once, for access control lists."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.namespaces.models import Namespace, NamespaceAncestor
from pyregistry.namespaces.records import COLUMNS, NamespaceRecord


def lineages_of(
    session: Session, namespace_ids: Collection[int]
) -> Mapping[int, Sequence[NamespaceRecord]]:
    """Each of the namespaces with the groups above it, nearest first, by its id; one query."""
    found: dict[int, list[NamespaceRecord]] = defaultdict(list)
    rows = session.execute(
        select(*COLUMNS, NamespaceAncestor.namespace_id)
        .join(NamespaceAncestor, NamespaceAncestor.ancestor_id == Namespace.id)
        .where(NamespaceAncestor.namespace_id.in_(namespace_ids))
        .order_by(NamespaceAncestor.depth)
    )
    for row in rows:
        found[row[-1]].append(NamespaceRecord.of(row))
    return found

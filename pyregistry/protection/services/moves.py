"""What reserved prefixes say of projects that come into a group, or leave it."""

from collections.abc import Collection

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from pyregistry.namespaces.models import Namespace, NamespaceAncestor
from pyregistry.namespaces.services.subtrees import is_below
from pyregistry.packaging.models import Package
from pyregistry.protection.errors import PrefixInUse
from pyregistry.protection.models import ReservedPrefix, ReservedPrefixProject
from pyregistry.sentences import shown


def check_may_bring(session: Session, namespace_id: int, group_ids: Collection[int]) -> None:
    """Raise `PrefixInUse` where packages below a namespace fall under a prefix of the groups.

    The groups are those that it comes into: none of their prefixes belongs to its projects.
    Asked under the lock on the serial, the answer holds until the commit.
    """
    found = session.execute(
        select(
            ReservedPrefix.prefix,
            Namespace.full_path,
            Package.normalized_name,
        )
        .join(
            ReservedPrefix,
            or_(
                Package.normalized_name == ReservedPrefix.prefix,
                # Neither has a character that LIKE would read as a sign.
                Package.normalized_name.like(ReservedPrefix.prefix + "-%"),
            ),
        )
        .join(Namespace, Namespace.id == ReservedPrefix.group_id)
        .join(NamespaceAncestor, NamespaceAncestor.namespace_id == Package.project_id)
        .where(
            NamespaceAncestor.ancestor_id == namespace_id,
            ReservedPrefix.group_id.in_(group_ids),
        )
        .order_by(Package.id)
        .limit(1)
    ).first()
    if found is not None:
        prefix, group, name = found
        raise PrefixInUse(
            f"The prefix {shown(prefix)} is reserved in the group {shown(group)} for other "
            f"projects: {shown(name)} cannot be brought there."
        )


def leave_prefixes(session: Session, namespace_id: int, group_ids: Collection[int]) -> int:
    """Take the prefixes of the groups from all projects below a namespace, which leaves them.

    Returns from how many it was; the prefixes stay reserved.
    """
    removed = session.scalars(
        delete(ReservedPrefixProject)
        .where(
            is_below(namespace_id, ReservedPrefixProject.project_id),
            ReservedPrefixProject.prefix_id.in_(
                select(ReservedPrefix.id).where(ReservedPrefix.group_id.in_(group_ids))
            ),
        )
        .returning(ReservedPrefixProject.prefix_id),
        execution_options={"synchronize_session": False},
    ).all()
    return len(removed)

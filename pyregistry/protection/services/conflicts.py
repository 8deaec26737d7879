"""That a reserved prefix says the truth: no other project holds what falls under it."""

from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from pyregistry.authnz.identity import Viewer
from pyregistry.namespaces.models import Namespace, NamespaceAncestor
from pyregistry.namespaces.services.readable import pullable
from pyregistry.packaging.models import Package
from pyregistry.protection.errors import PrefixInUse
from pyregistry.protection.models import ReservedPrefix, ReservedPrefixProject
from pyregistry.protection.patterns import prefixes_of
from pyregistry.sentences import plural, shown

_NAMED = 3


def check_prefix_holds(session: Session, reserved: ReservedPrefix, viewer: Viewer) -> None:
    """Raise `PrefixInUse` where projects that a prefix does not belong to hold such packages.

    It names up to three, of those that `viewer` may see. What falls under a longer prefix of the
    same group is that one's business. Asked under the lock of `hold_serial`, the answer is true
    until the commit.
    """
    seen = case((pullable(viewer), 1), else_=0).label("seen")
    rows = session.execute(
        select(
            Package.normalized_name,
            Namespace.full_path,
            seen,
            func.count().over().label("total"),
        )
        .join(Namespace, Namespace.id == Package.project_id)
        .join(NamespaceAncestor, NamespaceAncestor.namespace_id == Namespace.id)
        .where(
            NamespaceAncestor.ancestor_id == reserved.group_id,
            _falls_under(reserved.prefix),
            ~_falls_under_longer(reserved),
            Package.project_id.not_in(
                select(ReservedPrefixProject.project_id).where(
                    ReservedPrefixProject.prefix_id == reserved.id
                )
            ),
        )
        .order_by(seen.desc(), Namespace.full_path_key, Package.id)
        .limit(_NAMED)
    ).all()
    if not rows:
        return
    listed = [f"{shown(row.normalized_name)} in {shown(row.full_path)}" for row in rows if row.seen]
    hidden = rows[0].total - len(listed)
    if hidden:
        listed.append(f"{hidden:,} more" if listed else plural(hidden, "package"))
    raise PrefixInUse(
        f"The prefix {shown(reserved.prefix)} cannot belong to these projects alone while others "
        f"in the group hold {' and '.join(filter(None, [', '.join(listed[:-1]), listed[-1]]))}."
    )


def covering_prefix(session: Session, group_id: int, prefix: str) -> ReservedPrefix | None:
    """The longest reserved prefix of a group that `prefix` falls under, or None."""
    return session.scalars(
        select(ReservedPrefix)
        .where(ReservedPrefix.group_id == group_id, ReservedPrefix.prefix.in_(prefixes_of(prefix)))
        .order_by(func.length(ReservedPrefix.prefix).desc())
        .limit(1)
    ).first()


def _falls_under(prefix: Any) -> ColumnElement[bool]:
    """The condition that a package's name falls under a prefix: a text, or a column of them."""
    # Neither has a character that LIKE would read as a sign.
    return or_(Package.normalized_name == prefix, Package.normalized_name.like(prefix + "-%"))


def _falls_under_longer(reserved: ReservedPrefix) -> ColumnElement[bool]:
    longer = aliased(ReservedPrefix)
    return exists(
        select(longer.id)
        .where(
            longer.group_id == reserved.group_id,
            func.length(longer.prefix) > len(reserved.prefix),
            _falls_under(longer.prefix),
        )
        .correlate(Package)
    )

"""What administrators want to know of a running registry."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.namespaces.models import Namespace, NamespaceKind


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a registry holds; `storage_bytes` counts a file as often as projects hold it."""

    users: int
    """People, blocked ones too, and no bots."""
    groups: int
    projects: int
    packages: int
    files: int
    storage_bytes: int


def count_everything(session: Session) -> Counts:
    """What the registry holds, from the counts that projects keep: two queries."""
    users = session.scalars(select(func.count()).where(User.is_bot.is_(False))).one()
    rows = session.execute(
        select(
            Namespace.kind,
            func.count(),
            func.sum(Namespace.packages_count),
            func.sum(Namespace.files_count),
            func.sum(Namespace.storage_bytes),
        ).group_by(Namespace.kind)
    )
    by_kind = {kind: [int(number) for number in numbers] for kind, *numbers in rows}
    groups = by_kind.get(NamespaceKind.GROUP, [0])[0]
    return Counts(users, groups, *by_kind.get(NamespaceKind.PROJECT, [0, 0, 0, 0]))

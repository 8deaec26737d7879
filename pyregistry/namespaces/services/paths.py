"""Giving a group or project another full path, and everything below it with it."""

from datetime import datetime

from sqlalchemy import func, literal, select, update
from sqlalchemy.orm import Session

from pyregistry.namespaces.errors import InvalidPath, NamespaceExists
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind
from pyregistry.namespaces.names import (
    MAXIMUM_DEPTH,
    MAXIMUM_PATH_LENGTH,
    path_key,
    split_path,
)
from pyregistry.namespaces.services.redirects import leave_path, take_path
from pyregistry.namespaces.services.subtrees import is_below
from pyregistry.sentences import shown


def change_path(session: Session, namespace: Namespace, full_path: str, now: datetime) -> None:
    """Give a namespace the full path `full_path`, with all that is below it; the old one leads on.

    Raises `InvalidPath` for a path that breaks the rules, or would let something below break
    them, and `NamespaceExists` for one that is taken. The caller holds the locks on the trees
    that the old and the new path are in, and on the rows of the subtree.
    """
    segments = split_path(full_path)
    _check_fits(session, namespace, full_path, len(segments))
    _check_free(session, namespace, full_path)
    before = namespace.full_path
    session.flush()
    rest = func.substr(Namespace.full_path, len(before) + 1)
    rest_key = func.substr(Namespace.full_path_key, len(before) + 1)
    session.execute(
        update(Namespace)
        .where(is_below(namespace.id))
        .values(
            full_path=literal(full_path) + rest,
            full_path_key=literal(path_key(full_path)) + rest_key,
        ),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()
    if namespace.name == namespace.path:
        # Nobody has given it a name of its own.
        namespace.name = segments[-1]
    namespace.path = segments[-1]
    session.flush()
    if path_key(before) != path_key(full_path):
        take_path(session, full_path)
        leave_path(session, namespace.id, before, now)


def _check_fits(session: Session, namespace: Namespace, full_path: str, depth: int) -> None:
    """Refuse what would make anything in the subtree too deep, or its path too long."""
    rows = session.execute(
        select(
            Namespace.kind,
            func.max(NamespaceAncestor.depth),
            func.max(func.length(Namespace.full_path)),
        )
        .join(NamespaceAncestor, NamespaceAncestor.namespace_id == Namespace.id)
        .where(NamespaceAncestor.ancestor_id == namespace.id)
        .group_by(Namespace.kind)
    ).all()
    longer = len(full_path) - len(namespace.full_path)
    for kind, levels, length in rows:
        most = MAXIMUM_DEPTH if kind is NamespaceKind.PROJECT else MAXIMUM_DEPTH - 1
        if depth + levels > most:
            raise InvalidPath(
                f"{namespace.full_path} would hold a {kind} at {depth + levels} levels: at most "
                f"{most} can be."
            )
        if length + longer > MAXIMUM_PATH_LENGTH:
            raise InvalidPath(
                f"A path would have {length + longer} characters: at most {MAXIMUM_PATH_LENGTH} "
                "can be."
            )


def _check_free(session: Session, namespace: Namespace, full_path: str) -> None:
    taken = session.scalars(
        select(Namespace.id).where(
            Namespace.full_path_key == path_key(full_path), Namespace.id != namespace.id
        )
    ).first()
    if taken is not None:
        # What has it may be hidden from who asks.
        raise NamespaceExists(f"The path {shown(full_path)} is taken: choose another.")

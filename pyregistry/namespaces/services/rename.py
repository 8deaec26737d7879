"""Changing the last segment of the path of a group or project."""

from datetime import datetime

from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.namespaces.names import check_segment
from pyregistry.namespaces.services.events import record_change
from pyregistry.namespaces.services.locking import lock_subtree, lock_tree
from pyregistry.namespaces.services.paths import change_path

_ACTIONS = {
    NamespaceKind.GROUP: Action.GROUP_RENAMED,
    NamespaceKind.PROJECT: Action.PROJECT_RENAMED,
}


def rename(
    session: Session, namespace_id: int, path: str, actor: Actor, now: datetime
) -> Namespace:
    """Give a group or project another last segment of its path; what is below it follows.

    The old path leads on until something else takes it. Raises `NamespaceNotFound`;
    `InvalidPath` for a name that breaks the rules, and where something below would be too
    long; `NamespaceExists` for a path that is taken. Packages keep their serials: no index shows
    a path.
    """
    check_segment(path)
    lock_tree(session, namespace_id)
    lock_subtree(session, namespace_id)
    namespace = session.get_one(Namespace, namespace_id, populate_existing=True)
    before = namespace.full_path
    above, _, segment = before.rpartition("/")
    if segment == path:
        return namespace
    change_path(session, namespace, f"{above}/{path}" if above else path, now)
    change = ({"full_path": before}, {"full_path": namespace.full_path})
    record_change(session, _ACTIONS[namespace.kind], namespace, change, actor, now)
    return namespace

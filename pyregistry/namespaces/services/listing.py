"""Lists of groups and projects, as the API filters them and puts them in order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, func, or_, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind, Visibility
from pyregistry.namespaces.services.readable import has_role, visible, visited
from pyregistry.slices import Order, Slice, Window, read_slice


class OrderedBy(StrEnum):
    """What a list of groups or projects is in order of."""

    ID = "id"
    NAME = "name"
    PATH = "path"
    FULL_PATH = "full_path"
    CREATED_AT = "created_at"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which groups (or projects) a list has, out of those that its reader may see.

    `words` must all be in the name, the path or, of a project, the description; with
    `in_full_paths` the paths of the groups above count, too. `least_role` asks for a role of the
    reader's own, and `of_members` for a role of any kind, there or in something inside.
    """

    kind: NamespaceKind
    words: tuple[str, ...] = ()
    in_full_paths: bool = False
    visibility: Visibility | None = None
    least_role: Role | None = None
    of_members: bool = False
    top_level: bool = False
    after_id: int | None = None
    before_id: int | None = None
    without: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list begins: in the group `group_id`, or everywhere; `deep`: on all levels below."""

    group_id: int | None = None
    deep: bool = True


@dataclass(frozen=True, slots=True)
class GroupAbove:
    """A group above a namespace, as much as tells people where the namespace is."""

    id: int
    parent_id: int | None
    name: str
    path: str
    full_path: str


def namespaces_slice(
    session: Session,
    viewer: Viewer,
    place: Place,
    selection: Selection,
    window: Window,
    *,
    by: OrderedBy,
    descending: bool,
) -> Slice[Namespace]:
    """The selected groups or projects that the viewer may see, in a window.

    At most two queries. Raises `Invalid` for a cursor of another list.
    """
    statement = _within(place).where(
        Namespace.kind == selection.kind,
        _seen(viewer, selection),
        *_conditions(selection),
    )
    return read_slice(session, statement, _order(by, descending=descending), window, _namespace)


def groups_above(
    session: Session, namespaces: Collection[Namespace]
) -> dict[int, Sequence[GroupAbove]]:
    """The groups above each of the namespaces, by its id: the top group first. One query."""
    above: dict[int, list[GroupAbove]] = {namespace.id: [] for namespace in namespaces}
    if not any(namespace.parent_id for namespace in namespaces):
        return {**above}
    rows = session.execute(
        select(
            NamespaceAncestor.namespace_id,
            Namespace.id,
            Namespace.parent_id,
            Namespace.name,
            Namespace.path,
            Namespace.full_path,
        )
        .join(Namespace, Namespace.id == NamespaceAncestor.ancestor_id)
        .where(NamespaceAncestor.namespace_id.in_(above), NamespaceAncestor.depth > 0)
        .order_by(NamespaceAncestor.depth.desc())
    )
    for row in rows:
        above[row[0]].append(GroupAbove(*row[1:]))
    return {**above}


def _within(place: Place) -> Select[Namespace]:
    statement = select(Namespace)
    if place.group_id is None:
        return statement
    if not place.deep:
        return statement.where(Namespace.parent_id == place.group_id)
    return statement.join(NamespaceAncestor, NamespaceAncestor.namespace_id == Namespace.id).where(
        NamespaceAncestor.ancestor_id == place.group_id, NamespaceAncestor.depth > 0
    )


def _seen(viewer: Viewer, selection: Selection) -> ColumnElement[bool]:
    if selection.least_role is not None:
        # Who has a role sees; an administrator's own roles are asked for, too.
        return has_role(viewer, selection.least_role)
    if selection.of_members:
        return or_(has_role(viewer, Role.GUEST), visited(viewer))
    if selection.kind is NamespaceKind.PROJECT:
        return visible(viewer, Role.GUEST)
    return or_(visible(viewer, Role.GUEST), visited(viewer))


def _conditions(selection: Selection) -> list[ColumnElement[bool]]:
    conditions = [_holds(word, selection) for word in selection.words]
    if selection.visibility is not None:
        conditions.append(Namespace.visibility == selection.visibility)
    if selection.top_level:
        conditions.append(Namespace.parent_id.is_(None))
    if selection.after_id is not None:
        conditions.append(Namespace.id > selection.after_id)
    if selection.before_id is not None:
        conditions.append(Namespace.id < selection.before_id)
    if selection.without:
        conditions.append(Namespace.id.not_in(selection.without))
    return conditions


def _holds(word: str, selection: Selection) -> ColumnElement[bool]:
    """The condition that a word is somewhere in what people know a namespace by.

    The database lowers both: SQLite knows the capitals of ASCII alone, Python all of them.
    """
    path = Namespace.full_path if selection.in_full_paths else Namespace.path
    texts: list[Any] = [Namespace.name, path]
    if selection.kind is NamespaceKind.PROJECT:
        texts.append(Namespace.description)
    return or_(*(text.icontains(word, autoescape=True) for text in texts))


def _order(by: OrderedBy, *, descending: bool) -> Order:
    # Without case: people look for a name, not for its spelling.
    columns: dict[OrderedBy, tuple[Any, ...]] = {
        OrderedBy.ID: (Namespace.id,),
        OrderedBy.NAME: (func.lower(Namespace.name, type_=String()), Namespace.id),
        OrderedBy.PATH: (func.lower(Namespace.path, type_=String()), Namespace.id),
        OrderedBy.FULL_PATH: (Namespace.full_path_key,),
        OrderedBy.CREATED_AT: (Namespace.created_at, Namespace.id),
    }
    return Order(columns[by], descending)


def _namespace(row: Row[*tuple[Any, ...]]) -> Namespace:
    found: Namespace = row[0]
    return found

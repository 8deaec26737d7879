"""Where the groups and projects of an export go in another registry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.backup.errors import DamagedExport, InTheWay
from pyregistry.backup.folder import ExportFolder
from pyregistry.backup.manifest import Manifest
from pyregistry.errors import Invalid
from pyregistry.namespaces.models import Namespace, NamespaceKind, Visibility
from pyregistry.namespaces.names import path_key
from pyregistry.namespaces.services.availability import make_unavailable
from pyregistry.namespaces.services.create import NewNamespace, create_in, find
from pyregistry.namespaces.services.instance import hold_instance_settings


@dataclass(frozen=True, slots=True)
class Place:
    """A group or project of an export, its row there, and what it is here.

    `namespace_id` is 0 until it is there.
    """

    row: Mapping[str, Any]
    full_path: str
    namespace_id: int = 0
    is_new: bool = False

    @property
    def kind(self) -> NamespaceKind:
        """Whether it is a group or a project."""
        return NamespaceKind(self.row["kind"])

    @property
    def visibility(self) -> Visibility:
        """Who could see it where it comes from."""
        return Visibility(self.row["visibility"])


def placed(
    session: Session, folder: ExportFolder, manifest: Manifest, into: str | None
) -> dict[int, Place]:
    """Where each group and project will be, by its number in the export, the highest first.

    Raises `NamespaceNotFound`, `Invalid`, and `InTheWay` where something else is there, or the
    same for more people to see.
    """
    group = find(session, into) if into is not None else None
    rows = list(folder.rows(manifest.rows_folder, "namespaces"))
    if not rows or rows[0]["full_path"] != manifest.path:
        raise DamagedExport("The export has not the group that its manifest names.")
    _check_paths(rows, rows[0]["full_path"])
    if group is None and rows[0]["kind"] == NamespaceKind.PROJECT:
        raise Invalid("A project lives in a group: name the one that it goes into with --into.")
    above = len(str(manifest.path).rpartition("/")[0])
    start = group.full_path + "/" if group is not None else ""
    places = {row["id"]: Place(row, start + row["full_path"][above:].lstrip("/")) for row in rows}
    for place in places.values():
        _check_free(session, place)
    return places


def _check_paths(rows: Sequence[Mapping[str, Any]], root: str) -> None:
    """Raise `DamagedExport` unless all rows but the first lie below it, each in its own place.

    An export is a folder that others may have written: it must not publish into what it does not
    name, nor make two things one.
    """
    paths = {path_key(str(row["full_path"])) for row in rows}
    inside = (str(row["full_path"]).startswith(f"{root}/") for row in rows[1:])
    if not all(inside) or len(paths) != len(rows):
        raise DamagedExport(f"The export has something that is not in {root}, or twice there.")


def make_places(
    session: Session, places: Mapping[int, Place], actor: Actor, now: datetime
) -> dict[int, Place]:
    """Create the groups and projects that are not there yet; each with its number here.

    Nothing is more visible than the group that it comes into. Raises as `create_in` does.
    """
    # Before any lock on a tree.
    hold_instance_settings(session)
    made: dict[int, Place] = {}
    for number, place in places.items():
        found = _at(session, place.full_path)
        if found is None:
            made[number] = _make(session, place, actor, now)
        else:
            made[number] = replace(place, full_path=found.full_path, namespace_id=found.id)
    return made


def _check_free(session: Session, place: Place) -> None:
    found = _at(session, place.full_path)
    if found is None:
        return
    if found.kind is not place.kind:
        raise InTheWay(f"{found.full_path} is a {found.kind} here, and a {place.kind} there.")
    if found.visibility.rank > place.visibility.rank:
        raise InTheWay(
            f"{found.full_path} is there already, and is {found.visibility}: what was"
            f" {place.visibility} would be shown to more people."
        )


def _make(session: Session, place: Place, actor: Actor, now: datetime) -> Place:
    row, (above, _, path) = place.row, place.full_path.rpartition("/")
    parent = _at(session, above) if above else None
    visibility = place.visibility
    if parent is not None:
        visibility = min(visibility, parent.visibility, key=lambda each: each.rank)
    new = NewNamespace(path, row["name"], row["description"], visibility)
    parent_id = parent.id if parent is not None else None
    namespace = create_in(session, place.kind, parent_id, new, actor, now)
    namespace.created_at = datetime.fromisoformat(row["created_at"])
    if row["anyone_can_pull"]:
        namespace.anyone_can_pull = True
        namespace.pulls_open = hold_instance_settings(session).anyone_can_pull_allowed
    if not row["packages_enabled"]:
        namespace.packages_enabled = False
        session.flush()
        make_unavailable(session, namespace.id)
    session.flush()
    return replace(place, namespace_id=namespace.id, is_new=True)


def _at(session: Session, full_path: str) -> Namespace | None:
    return session.scalars(
        select(Namespace).where(Namespace.full_path_key == path_key(full_path))
    ).one_or_none()

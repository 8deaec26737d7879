"""Reserving prefixes of package names for some projects of a group, and giving them up."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from pyregistry.events.actions import Action
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind
from pyregistry.namespaces.names import path_key
from pyregistry.namespaces.services.events import record_change
from pyregistry.packaging.services.serials import hold_serial
from pyregistry.protection.changers import Changer
from pyregistry.protection.errors import InvalidProtection, PrefixExists, ProjectsElsewhere
from pyregistry.protection.models import ReservedPrefix, ReservedPrefixProject
from pyregistry.protection.patterns import normalize_prefix
from pyregistry.protection.services.conflicts import check_prefix_holds, covering_prefix
from pyregistry.protection.services.reservations import Reservation, find_reservation, find_row
from pyregistry.sentences import shown

MAXIMUM_PREFIXES = 100
"""Of a group."""
MAXIMUM_PROJECTS = 100
"""Of a prefix."""
_NAMED = 3

Identifier = int | str
"""The number of a project, or its full path."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A prefix, and the projects that it shall belong to; None: as it is."""

    prefix: str | None = None
    projects: Collection[Identifier] | None = None


def reserve_prefix(
    session: Session, group_id: int, wanted: Wanted, by: Changer, now: datetime
) -> Reservation:
    """Reserve a prefix for some projects in a group; from the commit on, no other may push it.

    Raises `InvalidProtection` for what is no prefix, and where no project is named or too
    many are; `ProjectsElsewhere` for what is no project in the group; `PrefixExists` for a
    prefix that is reserved here already, or where there are 100; `PrefixInUse` where other
    projects in the group hold packages that fall under it.
    """
    hold_serial(session)
    if wanted.prefix is None or wanted.projects is None:
        raise InvalidProtection("Send the prefix, and project_ids or project_paths.")
    _check_room(session, group_id)
    row = ReservedPrefix(group_id=group_id, created_at=now)
    _set_prefix(session, row, wanted.prefix)
    project_ids = _project_ids(session, group_id, wanted.projects)
    session.add(row)
    session.flush()
    _set_projects(session, row, project_ids)
    check_prefix_holds(session, row, by.viewer)
    reservation = find_reservation(session, group_id, row.id)
    _record(session, Action.PREFIX_RESERVED, (None, reservation), by, now)
    return reservation


def change_prefix(
    session: Session,
    group_id: int,
    prefix_id: int | None,
    wanted: Wanted,
    by: Changer,
    now: datetime,
) -> Reservation:
    """Change a reserved prefix, its projects or both.

    Raises `PrefixNotFound`, and as `reserve_prefix` and `release_prefix` do.
    """
    hold_serial(session)
    before = find_reservation(session, group_id, prefix_id)
    row = find_row(session, group_id, prefix_id)
    if wanted.prefix is not None:
        _set_prefix(session, row, wanted.prefix)
    if wanted.projects is not None:
        _set_projects(session, row, _project_ids(session, group_id, wanted.projects))
    session.flush()
    after = find_reservation(session, group_id, prefix_id)
    if after == before:
        return after
    check_prefix_holds(session, row, by.viewer)
    _check_what_falls_back(session, before, by)
    _record(session, Action.PREFIX_CHANGED, (before, after), by, now)
    return after


def release_prefix(
    session: Session, group_id: int, prefix_id: int | None, by: Changer, now: datetime
) -> None:
    """Give a reserved prefix up.

    Raises `PrefixNotFound`, and `PrefixInUse` where its packages would fall under a shorter
    prefix of the group that belongs to other projects.
    """
    hold_serial(session)
    before = find_reservation(session, group_id, prefix_id)
    session.delete(find_row(session, group_id, prefix_id))
    session.flush()
    _check_what_falls_back(session, before, by)
    _record(session, Action.PREFIX_RELEASED, (before, None), by, now)


def _check_room(session: Session, group_id: int) -> None:
    count = session.scalars(
        select(func.count()).select_from(ReservedPrefix).where(ReservedPrefix.group_id == group_id)
    ).one()
    if count >= MAXIMUM_PREFIXES:
        raise PrefixExists(
            f"The group has reserved {count} prefixes, and no more can be: release one first."
        )


def _check_what_falls_back(session: Session, before: Reservation, by: Changer) -> None:
    """Check the shorter prefix under which names fall now that had a longer one."""
    shorter = covering_prefix(session, before.group_id, before.prefix)
    if shorter is not None and shorter.id != before.id:
        check_prefix_holds(session, shorter, by.viewer)


def _set_prefix(session: Session, row: ReservedPrefix, wanted: str) -> None:
    prefix = normalize_prefix(wanted)
    if prefix == row.prefix:
        return
    taken = session.scalars(
        select(ReservedPrefix.id).where(
            ReservedPrefix.group_id == row.group_id, ReservedPrefix.prefix == prefix
        )
    ).first()
    if taken is not None:
        raise PrefixExists(
            f"The prefix {shown(prefix)} is reserved in this group already: change that one.",
            about="prefix",
        )
    row.prefix = prefix


def _set_projects(session: Session, row: ReservedPrefix, project_ids: Collection[int]) -> None:
    session.execute(delete(ReservedPrefixProject).where(ReservedPrefixProject.prefix_id == row.id))
    session.add_all(
        ReservedPrefixProject(prefix_id=row.id, project_id=project_id)
        for project_id in sorted(project_ids)
    )
    session.flush()


def _project_ids(
    session: Session, group_id: int, projects: Collection[Identifier]
) -> Collection[int]:
    """The ids of the projects, which must all be in the group, however far down.

    What is elsewhere, hidden or nowhere is refused in the same words.
    """
    if not 0 < len(projects) <= MAXIMUM_PROJECTS:
        raise InvalidProtection(
            f"A prefix belongs to 1 to {MAXIMUM_PROJECTS} projects: name them.", about="projects"
        )
    ids = [each for each in projects if isinstance(each, int)]
    keys = [path_key(each) for each in projects if isinstance(each, str)]
    rows = session.execute(
        select(Namespace.id, Namespace.full_path_key)
        .join(NamespaceAncestor, NamespaceAncestor.namespace_id == Namespace.id)
        .where(
            NamespaceAncestor.ancestor_id == group_id,
            Namespace.kind == NamespaceKind.PROJECT,
            or_(Namespace.id.in_(ids), Namespace.full_path_key.in_(keys)),
        )
    ).all()
    known: set[Identifier] = {each for row in rows for each in (row.id, row.full_path_key)}
    unknown = [
        each
        for each in projects
        if (path_key(each) if isinstance(each, str) else each) not in known
    ]
    if unknown:
        named = [str(each) if isinstance(each, int) else shown(each) for each in unknown[:_NAMED]]
        if len(unknown) > _NAMED:
            named.append(f"{len(unknown) - _NAMED} more")
        group = session.get_one(Namespace, group_id)
        raise ProjectsElsewhere(
            f"A prefix of {shown(group.full_path)} belongs to projects in it, and there is no "
            f"such project: {', '.join(named)}."
        )
    return {row.id for row in rows}


def _described(reservation: Reservation | None) -> dict[str, Any] | None:
    """A reservation as events record it."""
    if reservation is None:
        return None
    projects = [project.full_path for project in reservation.projects]
    return {"prefix": reservation.prefix, "projects": projects}


def _record(
    session: Session,
    action: Action,
    change: tuple[Reservation | None, Reservation | None],
    by: Changer,
    now: datetime,
) -> None:
    before, after = change
    (subject, *_) = (each for each in (after, before) if each is not None)
    group = session.get_one(Namespace, subject.group_id)
    described = (_described(before), _described(after))
    record_change(session, action, group, described, by.actor, now, prefix_id=subject.id)

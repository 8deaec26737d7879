"""Counting the copies of commands, which pages tell of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.db import in_batches
from pyregistry.errors import Invalid
from pyregistry.events.counted import COPIES, CountedAction
from pyregistry.events.services.record import add_counts
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.errors import PackageNotFound
from pyregistry.packaging.services.queries import find_package


@dataclass(frozen=True, slots=True)
class Copy:
    """A note that somebody copied a command of a group or project, as its page shows it.

    `package` is empty for a command that is about no package in particular.
    """

    namespace_id: int
    package: str
    day: date
    action: CountedAction


def copy_of(
    session: Session, project_id: int, action: CountedAction, package: str | None, day: date
) -> Copy:
    """The note of a copy; `package` is a normalised name of a package of the project.

    Raises `Invalid` for an action that shows otherwise, and where there is no package to
    install, and `PackageNotFound`: nobody fills the counts with names that they make up.
    """
    if action not in COPIES:
        raise Invalid(f"The parameter action must be one of: {', '.join(sorted(COPIES))}.")
    if package is None:
        if action is CountedAction.INSTALL_COPIED:
            raise Invalid("The parameter package is missing: send the name of a package.")
        return Copy(project_id, "", day, action)
    if find_package(session, project_id, package) is None:
        raise PackageNotFound("There is no such package in this project.")
    return Copy(project_id, package, day, action)


def copy_in_group(group_id: int, action: CountedAction, package: str | None, day: date) -> Copy:
    """The note of a copy from the page of a group, which can only be of what sets a client up.

    Raises `Invalid` for anything else: the packages are those of projects, and counted there.
    """
    if action is not CountedAction.SETUP_COPIED:
        raise Invalid(
            f"The parameter action must be {CountedAction.SETUP_COPIED}: a group has no packages "
            "of its own to install."
        )
    if package is not None:
        raise Invalid(
            "Leave the parameter package out: a group has no packages of its own. Send it to the "
            "project that holds the package."
        )
    return Copy(group_id, "", day, action)


def count_copies(session: Session, copies: Sequence[Copy]) -> None:
    """The recorder's writer. What was copied in a group or project that is gone counts no more."""
    existing: set[int] = set()
    for ids in in_batches({copy.namespace_id for copy in copies}):
        existing.update(session.scalars(select(Namespace.id).where(Namespace.id.in_(ids))))
    add_counts(
        session,
        Counter(
            (copy.namespace_id, copy.package, copy.day, copy.action.value)
            for copy in copies
            if copy.namespace_id in existing
        ),
    )

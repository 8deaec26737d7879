"""Events of changes: how something was before, and how it is after."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening, record
from pyregistry.namespaces.models import Namespace

Description = Mapping[str, Any]
Change = tuple[Description | None, Description | None]
"""How something is described before and after; None where it was not there, or is no more."""


def record_change(
    session: Session,
    action: Action,
    namespace: Namespace | None,
    change: Change,
    actor: Actor,
    now: datetime,
    **details: Any,
) -> None:
    """Record a change in a group or project; None: to a user, or to the whole instance."""
    before, after = change
    happening = Happening(
        action,
        actor,
        now,
        namespace.id if namespace else None,
        namespace.full_path if namespace else None,
        details={**details, "before": before, "after": after},
    )
    record(session, [happening])


def difference(before: Description, after: Description) -> tuple[Description, Description] | None:
    """What of two descriptions is not the same; None where all of it is."""
    changed = [name for name in before if before[name] != after[name]]
    if not changed:
        return None
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}

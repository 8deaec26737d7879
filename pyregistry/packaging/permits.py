"""What who changes packages hands to the services that do it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

Permit = Callable[[Session, int, str], None]
"""Takes the session, a project's id and a normalised name; raises where the caller may not do
it to a package of that name. It is asked under the lock of the change, so that what it reads
holds until the commit."""
Precondition = Callable[[datetime], None]
"""Takes the moment of the last change; raises where the caller knows only an older state. It is
asked under the lock of the change, too, after the permit."""


def always(_changed_at: datetime) -> None:
    """The precondition of who has none."""

"""What who changes packages hands to the services that do it."""

from collections.abc import Callable

from sqlalchemy.orm import Session

Permit = Callable[[Session, int, str], None]
"""Takes the session, a project's id and a normalised name; raises where the caller may not do
it to a package of that name. It is asked under the lock of the change, so that what it reads
holds until the commit."""

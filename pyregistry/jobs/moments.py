"""What time it is for the leases of jobs: that of the database, which all workers share.

The clocks of two hosts may differ by more than a lease. The database's may jump, too: then a job
is claimed while its worker is well, which the numbers of claims make harmless.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from pyregistry.clock import utcnow

SharedClock = Callable[[Session], datetime]


def database_now(session: Session) -> datetime:
    """The present moment by the clock of the database, aware and in UTC.

    All processes that use one SQLite file are on one machine: its clock is theirs.
    """
    if session.get_bind().dialect.name != "postgresql":
        return utcnow()
    # Not now(): that is when the transaction began, which may have waited for a lock since.
    moment: datetime = session.scalars(text("SELECT clock_timestamp()")).one()
    return moment

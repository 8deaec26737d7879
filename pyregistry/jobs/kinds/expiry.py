"""Expiry: deleting rows that are of no use any more.

Nothing of this changes what anybody may do: what has ended counted for nothing already.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy.orm import Session

from pyregistry.accounts.services.sessions import forget_ended_sessions
from pyregistry.jobs.services.forget import forget_jobs
from pyregistry.jobs.work import Parts, Work
from pyregistry.namespaces.services.members import forget_ended_memberships
from pyregistry.tokens.services.jobs import forget_old_job_tokens
from pyregistry.trusted_publishing.services.exchange import forget_expired_id_tokens

NAME: Final = "expiry"

_AT_ONCE: Final = 500
"""Rows in one transaction: SQLite has one writer, and others wait for it."""

Forgetting = Callable[[Session], int]
"""Deletes at most `_AT_ONCE` rows, and says how many."""


def run(work: Work) -> None:
    """Delete what has ended, a few rows at a time. Done twice, it deletes nothing more."""
    parts = work.parts
    report: dict[str, int] = {}
    for name, forget in _forgettings(parts, parts.clock()):
        report[name] = 0
        while True:
            work.tell(sum(report.values()), unit="rows", report=report)
            forgotten = parts.database.write(forget)
            report[name] += forgotten
            if forgotten < _AT_ONCE:
                break
    work.tell(sum(report.values()), unit="rows", report=report)


def _forgettings(parts: Parts, now: datetime) -> Iterator[tuple[str, Forgetting]]:
    yield "browser_sessions", partial(forget_ended_sessions, now=now, at_most=_AT_ONCE)
    yield "memberships", partial(forget_ended_memberships, now=now, at_most=_AT_ONCE)
    yield "job_tokens", partial(forget_old_job_tokens, now=now, at_most=_AT_ONCE)
    yield "id_tokens", partial(forget_expired_id_tokens, now=now, at_most=_AT_ONCE)
    before = now - parts.settings.worker_keep_jobs
    yield "jobs", partial(forget_jobs, finished_before=before, at_most=_AT_ONCE)

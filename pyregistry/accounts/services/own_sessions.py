"""The browsers in which somebody is signed in: seeing them, and signing out of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from pyregistry.accounts.errors import SessionNotFound
from pyregistry.accounts.models import BrowserSession
from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening, record

MAXIMUM_SESSIONS = 100
"""More are not listed. Who has so many ends all others."""


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A browser session as its user sees it; of its secret nothing is told."""

    id: int
    created_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None
    is_current: bool


def list_sessions(
    session: Session, user_id: int, now: datetime, *, current_id: int | None = None
) -> Sequence[ListedSession]:
    """The user's sessions that are not over: the current one, then the newest first."""
    rows = session.execute(
        select(
            BrowserSession.id,
            BrowserSession.created_at,
            BrowserSession.expires_at,
            BrowserSession.address,
            BrowserSession.user_agent,
        )
        .where(BrowserSession.user_id == user_id, BrowserSession.expires_at > now)
        .order_by((BrowserSession.id == current_id).desc(), BrowserSession.id.desc())
        .limit(MAXIMUM_SESSIONS)
    )
    return [ListedSession(*row, is_current=row.id == current_id) for row in rows]


def end_session(
    session: Session, user_id: int, session_id: int, actor: Actor, now: datetime
) -> None:
    """Sign the user out of one browser. Raises `SessionNotFound`, also for another user's."""
    if _end(session, user_id, BrowserSession.id == session_id, actor, now) == 0:
        raise SessionNotFound("This session is over already, or it was never yours.")


def end_other_sessions(
    session: Session, user_id: int, current_id: int | None, actor: Actor, now: datetime
) -> int:
    """Sign the user out of every browser but that of `current_id`; of how many, is returned."""
    others = BrowserSession.id != (current_id or 0)
    return _end(session, user_id, others, actor, now)


def _end(
    session: Session, user_id: int, which: ColumnElement[bool], actor: Actor, now: datetime
) -> int:
    gone = session.execute(
        delete(BrowserSession)
        .where(BrowserSession.user_id == user_id, which)
        .returning(BrowserSession.expires_at),
        execution_options={"synchronize_session": False},
    ).all()
    # Those that were over are nobody's way in: they go without a word.
    ended = len([row for row in gone if row.expires_at > now])
    if ended:
        details = {"user_id": user_id, "username": actor.username, "sessions": ended}
        record(session, [Happening(Action.SESSIONS_ENDED, actor, now, None, None, details=details)])
    return ended

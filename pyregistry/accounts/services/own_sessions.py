"""Somebody's own browser sessions: where they are signed in, and signing out there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pyregistry.accounts.errors import SessionNotFound
from pyregistry.accounts.models import BrowserSession
from pyregistry.accounts.services.events import record_user
from pyregistry.accounts.services.users import find_user_by_id
from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.slices import Order, Slice, Window, read_slice


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A sign-in that has not ended: since when and from where, and until when it lasts."""

    id: int
    begun_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None


def sessions_slice(
    session: Session, user_id: int, window: Window, now: datetime
) -> Slice[OwnSession]:
    """A user's sessions that have not ended, the newest first. Raises as `read_slice` does."""
    statement = select(
        BrowserSession.id,
        BrowserSession.created_at,
        BrowserSession.expires_at,
        BrowserSession.address,
        BrowserSession.user_agent,
    ).where(BrowserSession.user_id == user_id, BrowserSession.expires_at > now)
    order = Order((BrowserSession.id.expression,), descending=True)
    return read_slice(session, statement, order, window, _own_session)


def end_own_session(
    session: Session, user_id: int, session_id: int, actor: Actor, now: datetime
) -> None:
    """End one of a user's sessions. Raises `SessionNotFound`, for somebody else's as well."""
    ended = session.scalars(
        delete(BrowserSession)
        .where(BrowserSession.id == session_id, BrowserSession.user_id == user_id)
        .returning(BrowserSession.id)
    ).all()
    if not ended:
        raise SessionNotFound
    _record_ended(session, user_id, len(ended), actor, now)


def end_other_sessions(
    session: Session, user_id: int, kept_id: int | None, actor: Actor, now: datetime
) -> int:
    """End all of a user's sessions but `kept_id`; how many of them had not ended yet."""
    ended = remove_other_sessions(session, user_id, kept_id, now)
    if ended:
        _record_ended(session, user_id, ended, actor, now)
    return ended


def remove_other_sessions(
    session: Session, user_id: int, kept_id: int | None, now: datetime
) -> int:
    """As `end_other_sessions`, where another event tells of it: a new password."""
    others = delete(BrowserSession).where(BrowserSession.user_id == user_id)
    if kept_id is not None:
        others = others.where(BrowserSession.id != kept_id)
    ends = session.scalars(others.returning(BrowserSession.expires_at)).all()
    return sum(end > now for end in ends)


def _record_ended(session: Session, user_id: int, count: int, actor: Actor, now: datetime) -> None:
    user = find_user_by_id(session, user_id)
    change = (None, None)
    record_user(session, Action.SESSIONS_ENDED, user, change, actor, now, sessions=count)


def _own_session(row: Any) -> OwnSession:
    return OwnSession(row.id, row.created_at, row.expires_at, row.address, row.user_agent)

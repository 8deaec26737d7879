"""Rotating and revoking tokens of every kind."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pyregistry.accounts.services.bots import end_jobs_of
from pyregistry.authnz.permissions import ACCESS_TOKENS, CredentialKind, Scope
from pyregistry.errors import Invalid
from pyregistry.events.actions import Action
from pyregistry.members.services.authority import Granter
from pyregistry.members.services.roles import own_membership
from pyregistry.namespaces.models import Membership
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.tokens.errors import TokenNotActive, TokenNotFound
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.authority import check_may_change, is_own
from pyregistry.tokens.services.events import described, record_token
from pyregistry.tokens.services.issue import NewToken, issue_token
from pyregistry.tokens.services.selection import Selection, find_token


@dataclass(frozen=True, slots=True)
class Renewal:
    """Until when a rotated token shall be valid; `expires_at` None: as long as it was granted.

    `longest` is the longest time that the settings permit.
    """

    expires_at: datetime | None = None
    longest: timedelta | None = None


def revoke_token(
    session: Session, selection: Selection, token_id: int, by: Granter, now: datetime
) -> bool:
    """Revoke one of the selected tokens, from the next request on; False: it was already.

    With an access token its bot stops being a member, and every job token that the bot
    created is revoked. Raises `TokenNotFound`; `RoleTooLow` where the token's role is above
    that of who revokes it.
    """
    token = _locked(session, selection, token_id)
    check_may_change(session, token, by, now)
    if token.revoked_at is not None:
        return False
    role = find_token(session, selection, token_id).role
    token.revoked_at = now
    session.flush()
    details = {}
    if token.kind in ACCESS_TOKENS:
        details["job_tokens_revoked"] = _end_bot(session, token, now)
    change = (described(token), None)
    record_token(session, Action.TOKEN_REVOKED, token, change, by.actor, now, role=role, **details)
    return True


def rotate_token(
    session: Session,
    selection: Selection,
    token_id: int,
    renewal: Renewal,
    by: Granter,
    now: datetime,
) -> tuple[Token, str]:
    """Put a new token in the place of one of the selected; return it with its secret.

    It has the same kind, name, description, scopes, user (a bot, for instance) and user name;
    the old one is revoked from the next request on. Job tokens that it created stay: jobs run
    on. Raises `TokenNotFound`; `RoleTooLow` where the token's role is above that of who rotates
    it; `TokenNotActive`; `Invalid` for an end that has passed or is too far away.
    """
    old = _locked(session, selection, token_id)
    check_may_change(session, old, by, now)
    _check_active(old, now)
    role = find_token(session, selection, token_id).role
    end = _new_end(old, renewal, by, now)
    new, secret = issue_token(
        session,
        _successor(old, end),
        user_id=old.user_id,
        namespace_id=old.namespace_id,
        longest=renewal.longest,
        now=now,
    )
    new.username, new.creator_id = old.username, old.creator_id
    old.revoked_at = now
    _renew_bot(session, new, now)
    session.flush()
    change = (described(old), described(new))
    record_token(session, Action.TOKEN_ROTATED, new, change, by.actor, now, role=role)
    return new, secret


def _locked(session: Session, selection: Selection, token_id: int) -> Token:
    """The token, which nobody else changes until the transaction ends."""
    chosen = [*selection.conditions(), Token.id == token_id]
    namespace_id = session.scalars(select(Token.namespace_id).where(*chosen)).one_or_none()
    if namespace_id is not None:
        lock_tree(session, namespace_id)
    statement = select(Token).where(*chosen).with_for_update()
    token = session.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
    if token is None:
        raise TokenNotFound
    return token


def _check_active(token: Token, now: datetime) -> None:
    if token.revoked_at is not None:
        raise TokenNotActive("The token was revoked and cannot be rotated: create a new one.")
    if token.has_expired(now):
        raise TokenNotActive("The token has expired and cannot be rotated: create a new one.")


def _new_end(old: Token, renewal: Renewal, by: Granter, now: datetime) -> datetime | None:
    usual = _same_time_again(old, now)
    if renewal.expires_at is None:
        latest = now + renewal.longest if renewal.longest is not None else None
        # The settings may permit less than when the old one was made.
        return min((end for end in (usual, latest) if end is not None), default=None)
    if old.kind in ACCESS_TOKENS and is_own(old, by) and usual and renewal.expires_at > usual:
        # People decided how long it may be valid; it does not decide otherwise.
        raise Invalid(
            "A token that rotates itself is valid no longer than it was: leave expires_at out, "
            f"or choose {usual:%Y-%m-%d} or an earlier date.",
            about="expires_at",
        )
    return renewal.expires_at


def _successor(old: Token, end: datetime | None) -> NewToken:
    scopes = [Scope(scope) for scope in old.scopes]
    return NewToken(CredentialKind(old.kind), old.name, scopes, end, old.description)


def _same_time_again(token: Token, now: datetime) -> datetime | None:
    """The end of a token that is valid for as long as this one was when it was made.

    One that ends with a day counts in days: its successor ends with a day, too.
    """
    if token.expires_at is None:
        return None
    begin, midnight = token.created_at, time(tzinfo=now.tzinfo)
    try:
        if token.expires_at.timetz() == midnight:
            days = token.expires_at.date() - begin.date()
            return datetime.combine(now.date(), midnight) + days
        return now + (token.expires_at - begin)
    except OverflowError:
        # That would be after the year 9999: it ends when the old one does.
        return token.expires_at


def _renew_bot(session: Session, token: Token, now: datetime) -> None:
    """Let the role of a token's bot end with the token; a role that was taken away stays so."""
    if token.kind not in ACCESS_TOKENS or token.user_id is None or token.namespace_id is None:
        return
    membership = own_membership(session, token.namespace_id, token.user_id, now)
    if membership is not None:
        membership.expires_at = token.expires_at


def _end_bot(session: Session, token: Token, now: datetime) -> int:
    """End the roles of a token's bot, and its job tokens; how many of them were valid.

    Those, too, that the bot created with the tokens before this one.
    """
    if token.user_id is None:
        return 0
    session.execute(delete(Membership).where(Membership.user_id == token.user_id))
    return end_jobs_of(session, token.user_id, now)

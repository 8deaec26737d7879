"""Revoking job tokens: by who holds one, and of jobs that are no longer let in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.db import Database
from pyregistry.events.actions import Action
from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import digest, is_token
from pyregistry.tokens.services.events import described, record_token
from pyregistry.tokens.services.selection import valid_at


def burn_token(database: Database, secret: str, caller: Actor, now: datetime) -> None:
    """Revoke the job token that somebody holds and needs no more.

    Whatever is no valid job token is passed over, so that nobody learns what it is.
    """
    if not is_token(secret):
        return
    wanted = Token.digest == digest(secret)
    if not database.read(lambda session: bool(_valid_tokens(session, wanted, now))):
        return

    def revoke(session: Session) -> None:
        for token in _valid_tokens(session, wanted, now):
            actor = Actor(
                username=token.username,
                credential_kind=token.kind,
                credential_name=token.name,
                address=caller.address,
                user_agent=caller.user_agent,
                build_id=token.build_id,
            )
            _revoke(session, [token], actor, now)

    # A token that is revoked already is passed over.
    database.write(revoke, finds_its_work=True)


def revoke_tokens_of(session: Session, publisher_id: int, by: Actor, now: datetime) -> None:
    """Revoke the tokens of the jobs that a trusted publisher let in. It must be locked."""
    tokens = _valid_tokens(session, Token.trusted_publisher_id == publisher_id, now)
    _revoke(session, tokens, by, now)


def _valid_tokens(session: Session, which: ColumnElement[bool], now: datetime) -> Sequence[Token]:
    return session.scalars(
        select(Token)
        .where(
            which,
            Token.kind == CredentialKind.JOB_TOKEN,
            valid_at(now),
        )
        .order_by(Token.id)
        .with_for_update()
    ).all()


def _revoke(session: Session, tokens: Sequence[Token], by: Actor, now: datetime) -> None:
    for token in tokens:
        token.revoked_at = now
        record_token(session, Action.TOKEN_REVOKED, token, (described(token), None), by, now)
    session.flush()

"""Recognising a token, and remembering that it was used."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, or_, select, update
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.accounts.services.identities import USER_COLUMNS, identity_of, with_memberships
from pyregistry.authnz.credentials import Presented
from pyregistry.authnz.identity import Credential, Identity, member_principal, visitor_principal
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.authnz.roles import DEPLOY_TOKEN_ROLE, JOB_TOKEN_ROLE
from pyregistry.db import UTCDateTime
from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import digest, is_token
from pyregistry.tokens.services.selection import valid_at

LAST_USED_PRECISION = timedelta(minutes=1)
_ADDRESS_LENGTH = 64


def identify_token(session: Session, presented: Presented, now: datetime) -> Identity | None:
    """Who presents this token, in one query.

    None for what is no token, for an unknown, expired or revoked one, for one of a
    blocked user, and for one in a place where its kind is not taken. The look-up is by
    digest, so its time tells nothing about the secret.
    """
    if not is_token(presented.secret):
        return None
    parameters = {"digest": digest(presented.secret), "now": now}
    rows = session.execute(_statement(), parameters).all()
    if not rows:
        return None
    token = rows[0]
    kind = CredentialKind(token.kind)
    if not presented.allows(kind):
        return None
    if kind is CredentialKind.DEPLOY_TOKEN and not presented.names(token.token_username):
        return None
    credential = Credential(
        kind=kind,
        id=token.token_id,
        name=token.token_name,
        scopes=frozenset(Scope(scope) for scope in token.scopes),
        build_id=token.build_id,
    )
    if token.user_id is None:
        return _identity_of_namespace(rows, credential)
    return identity_of(rows, credential, token.token_expires_at)


def _identity_of_namespace(rows: Sequence[Row[Any]], credential: Credential) -> Identity:
    """The identity of a deploy token or job token, which is no user's."""
    token = rows[0]
    role = JOB_TOKEN_ROLE if credential.kind is CredentialKind.JOB_TOKEN else DEPLOY_TOKEN_ROLE
    above = {row.ancestor_id for row in rows if row.depth}
    return Identity(
        user_id=None,
        username=token.token_username or credential.name,
        is_admin=False,
        is_external=True,
        credential=credential,
        principals=frozenset(
            {
                member_principal(token.token_namespace_id, role),
                *(visitor_principal(group_id) for group_id in above),
            }
        ),
        namespace_id=token.token_namespace_id,
        ends_at=token.token_expires_at,
    )


@cache
def _statement() -> Select[*tuple[Any, ...]]:
    """Built once: building it costs more than running it."""
    now = bindparam("now", type_=UTCDateTime)
    statement = (
        select(
            Token.id.label("token_id"),
            Token.kind,
            Token.name.label("token_name"),
            Token.username.label("token_username"),
            Token.namespace_id.label("token_namespace_id"),
            Token.scopes,
            Token.build_id,
            Token.expires_at.label("token_expires_at"),
            *USER_COLUMNS,
        )
        .select_from(Token)
        .outerjoin(User, User.id == Token.user_id)
        .where(
            Token.digest == bindparam("digest"),
            valid_at(now),
        )
    )
    # A bot has its namespace only by its membership, which may have been taken away.
    own = case((Token.user_id.is_(None), Token.namespace_id))
    return with_memberships(statement, now, otherwise=own)


def remember_use(session: Session, token_id: int, address: str | None, now: datetime) -> None:
    """Record that a token was used, at most once a minute."""
    session.execute(
        update(Token)
        .where(
            Token.id == token_id,
            or_(Token.last_used_at.is_(None), Token.last_used_at < now - LAST_USED_PRECISION),
        )
        .values(last_used_at=now, last_used_address=address and address[:_ADDRESS_LENGTH])
    )

"""Recognising a token, and remembering that it was used."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    ScalarSelect,
    Select,
    Subquery,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from pyregistry.accounts.models import User
from pyregistry.accounts.services.identities import USER_COLUMNS, identity_of, with_memberships
from pyregistry.authnz.credentials import Presented
from pyregistry.authnz.identity import (
    Credential,
    Identity,
    Lineage,
    member_principal,
    visitor_principal,
)
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.authnz.roles import DEPLOY_TOKEN_ROLE, JOB_TOKEN_ROLE
from pyregistry.db import Identifier, UTCDateTime, rows_of
from pyregistry.namespaces.models import Membership, Namespace, NamespaceAncestor
from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import digest, is_token
from pyregistry.tokens.services.selection import valid_at

LAST_USED_PRECISION = timedelta(minutes=1)
_ADDRESS_LENGTH = 64


class _Memberships(Enum):
    """Which memberships of a token's owner a statement reads."""

    ALL = auto()
    BY_KEYS = auto()
    BY_ID = auto()


def identify_token(
    session: Session, presented: Presented, now: datetime, lineage: Lineage | None = None
) -> Identity | None:
    """Who presents this token, in one query; of a user's memberships only those in `lineage`.

    Without one it reads them all, of which there may be thousands.

    None for what is no token, for an unknown, expired or revoked one, for one of a
    blocked user, and for one in a place where its kind is not taken. The look-up is by
    digest, so its time tells nothing about the secret.
    """
    if not is_token(presented.secret):
        return None
    parameters: dict[str, Any] = {"digest": digest(presented.secret), "now": now}
    memberships = _Memberships.ALL
    if lineage is not None and lineage.namespace_id is not None:
        memberships, parameters["namespace_id"] = _Memberships.BY_ID, lineage.namespace_id
    elif lineage is not None:
        memberships, parameters["keys"] = _Memberships.BY_KEYS, list(lineage.keys)
    rows = rows_of(session, _statement(memberships), parameters)
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
    ends = (token.token_expires_at, token.next_end_of_membership)
    ends_at = min((end for end in ends if end is not None), default=None)
    return identity_of(rows, credential, lineage, ends_at)


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
def _statement(memberships: _Memberships) -> Select[*tuple[Any, ...]]:
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
            _next_end_of_membership(now).label("next_end_of_membership"),
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
    return with_memberships(statement, now, otherwise=own, among=_lineage(memberships))


def _next_end_of_membership(now: BindParameter[datetime]) -> ScalarSelect[datetime | None]:
    """When the next membership of a token's owner ends, wherever it is."""
    other = aliased(Membership)
    return (
        select(func.min(other.expires_at))
        .where(other.user_id == Token.user_id, other.expires_at > now)
        .correlate(Token)
        .scalar_subquery()
    )


def _lineage(memberships: _Memberships) -> Subquery | None:
    """The ids of the namespaces whose memberships are meant; None: of all."""
    if memberships is _Memberships.ALL:
        return None
    if memberships is _Memberships.BY_ID:
        above = select(NamespaceAncestor.ancestor_id.label("id")).where(
            NamespaceAncestor.namespace_id == bindparam("namespace_id", type_=Identifier)
        )
    else:
        above = select(Namespace.id.label("id")).where(
            Namespace.full_path_key.in_(bindparam("keys", expanding=True))
        )
    return above.subquery()


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

"""Credentials that a deletion or a transfer takes the ground from."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.authnz.permissions import ACCESS_TOKENS, CredentialKind
from pyregistry.namespaces.services.subtrees import is_below
from pyregistry.tokens.models import Token


def block_bots_below(session: Session, namespace_id: int, now: datetime) -> None:
    """Block the bots of the access tokens of a namespace and of everything below it.

    They stay as users, so that what they did keeps its author; their job tokens elsewhere
    are revoked.
    """
    own = is_below(namespace_id, Token.namespace_id) & Token.kind.in_(sorted(ACCESS_TOKENS))
    _revoke_jobs(session, Token.minted_by_id.in_(select(Token.id).where(own)), now)
    session.execute(
        update(User)
        .where(
            User.id.in_(select(Token.user_id).where(own)),
            User.is_bot,
            User.blocked_at.is_(None),
        )
        .values(blocked_at=now),
        execution_options={"synchronize_session": False},
    )


def revoke_jobs_of_strangers(
    session: Session, namespace_id: int, group_ids: Collection[int], now: datetime
) -> int:
    """Revoke the job tokens below a namespace that bots of the groups created; how many it was.

    The namespace leaves these groups, whose bots have no role in it any more.
    """
    strangers = select(Token.id).where(Token.namespace_id.in_(group_ids))
    jobs = is_below(namespace_id, Token.namespace_id) & Token.minted_by_id.in_(strangers)
    return _revoke_jobs(session, jobs, now)


def _revoke_jobs(session: Session, which: ColumnElement[bool], now: datetime) -> int:
    revoked = session.scalars(
        update(Token)
        .where(
            which,
            Token.kind == CredentialKind.JOB_TOKEN,
            Token.revoked_at.is_(None),
            or_(Token.expires_at.is_(None), Token.expires_at > now),
        )
        .values(revoked_at=now)
        .returning(Token.id),
        execution_options={"synchronize_session": False},
    ).all()
    return len(revoked)

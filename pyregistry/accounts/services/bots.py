"""Bots: the users that access tokens belong to."""

import secrets
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.db import Base


def create_bot(session: Session, username_prefix: str, name: str, now: datetime) -> User:
    """Create the user of one access token, whom pages call `name`.

    The user name is the prefix and eight random hexadecimal digits. Bots have no password and
    an email address that nobody has (RFC 2606), and are external: they see nothing but where
    they are members.
    """
    username = f"{username_prefix}_bot_{secrets.token_hex(4)}"
    bot = User(
        username=username,
        username_key=username,
        email=f"{username}@noreply.invalid",
        name=name,
        password_hash=None,
        is_admin=False,
        is_bot=True,
        is_external=True,
        created_at=now,
    )
    session.add(bot)
    session.flush()
    return bot


def end_jobs_of(session: Session, bot_id: int, now: datetime) -> int:
    """Revoke the job tokens that a bot created, with whichever of its tokens; how many were valid.

    To be called wherever the bot itself loses its way in: jobs act by themselves, and would
    go on without it.
    """
    # Tokens know of users, not users of tokens: only of the table that has them.
    tokens = Base.metadata.tables["tokens"]
    of_the_bot = select(tokens.c.id).where(tokens.c.user_id == bot_id)
    ends = session.scalars(
        update(tokens)
        .where(tokens.c.minted_by_id.in_(of_the_bot), tokens.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(tokens.c.expires_at)
    ).all()
    return sum(1 for end in ends if end is None or end > now)

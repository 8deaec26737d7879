"""Bots: the users that access tokens belong to."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from pyregistry.accounts.models import User


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

"""Tokens of a world of tests: as they are stored, and what uses them."""

from typing import Any

from sqlalchemy import select

from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import digest
from tests.factories.world import World


def token_row(world: World, secret: str) -> Token:
    """The row of a token, as committed."""
    with world.components.database.reading() as session:
        return session.scalars(select(Token).where(Token.digest == digest(secret))).one()


def token_id(world: World, secret: str) -> int:
    """The id of a token."""
    return token_row(world, secret).id


def change_token(world: World, secret: str, **values: Any) -> None:
    """Set columns of a token."""
    with world.components.database.writing() as session:
        token = session.get_one(Token, token_id(world, secret))
        for name, value in values.items():
            setattr(token, name, value)

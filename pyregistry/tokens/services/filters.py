"""Which tokens of a list are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from pyregistry.tokens.models import Token


@dataclass(frozen=True, slots=True)
class Period:
    """From the moment `after` on, and before the moment `before`; None: without that bound."""

    after: datetime | None = None
    before: datetime | None = None

    def conditions(
        self, column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
    ) -> Sequence[ColumnElement[bool]]:
        """What a query must ask of the moment; what has none is in no bounded period."""
        conditions: list[ColumnElement[bool]] = []
        if self.after is not None:
            conditions.append(column >= self.after)
        if self.before is not None:
            conditions.append(column < self.before)
        return conditions


ALWAYS: Final = Period()


@dataclass(frozen=True, slots=True)
class TokenFilter:
    """What must hold of a token; `search` is part of its name, and None asks for nothing."""

    search: str | None = None
    revoked: bool | None = None
    created: Period = ALWAYS
    expires: Period = ALWAYS
    last_used: Period = ALWAYS

    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """What a query of tokens must ask for."""
        conditions = [
            *self.created.conditions(Token.created_at),
            *self.expires.conditions(Token.expires_at),
            *self.last_used.conditions(Token.last_used_at),
        ]
        if self.search:
            conditions.append(Token.name.icontains(self.search, autoescape=True))
        if self.revoked is not None:
            revoked = Token.revoked_at.is_not(None)
            conditions.append(revoked if self.revoked else Token.revoked_at.is_(None))
        return conditions


EVERY_TOKEN: Final = TokenFilter()

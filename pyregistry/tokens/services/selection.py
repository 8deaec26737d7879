"""Which tokens are meant: those of a namespace, of a user, of a kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, not_, or_, select
from sqlalchemy.orm import Session, aliased

from pyregistry.accounts.models import User
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Membership
from pyregistry.slices import Order, Slice, Window, read_slice
from pyregistry.tokens.errors import TokenNotFound
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.filters import EVERY_TOKEN, TokenFilter


@dataclass(frozen=True, slots=True)
class Selection:
    """The tokens of some kinds; None: of every namespace, or of every user."""

    kinds: frozenset[CredentialKind]
    namespace_id: int | None = None
    user_id: int | None = None
    chosen: TokenFilter = EVERY_TOKEN

    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """What a query of tokens must ask for."""
        conditions: list[ColumnElement[bool]] = [Token.kind.in_(sorted(self.kinds))]
        if self.namespace_id is not None:
            conditions.append(Token.namespace_id == self.namespace_id)
        if self.user_id is not None:
            conditions.append(Token.user_id == self.user_id)
        conditions.extend(self.chosen.conditions())
        return conditions


@dataclass(frozen=True, slots=True)
class ListedToken:
    """A token, and the role of its bot, which a revoked one has no more.

    `creator` is the user name of who created it, and not of who rotated it since; None where that
    was done on the command line, or the user is gone.
    """

    token: Token
    role: Role | None
    creator: str | None = None


def tokens_slice(
    session: Session,
    selection: Selection,
    now: datetime,
    window: Window,
    *,
    active: bool | None = None,
    newest_first: bool = False,
) -> Slice[ListedToken]:
    """The selected tokens, oldest first; `active`: only those that are valid, or are not.

    Raises as `read_slice` does.
    """
    statement = _statement(selection)
    if active is not None:
        valid = valid_at(now)
        statement = statement.where(valid if active else not_(valid))
    order = Order((Token.id,), descending=newest_first)
    return read_slice(session, statement, order, window, _listed)


def find_token(session: Session, selection: Selection, token_id: int) -> ListedToken:
    """The selected token with that id. Raises `TokenNotFound`."""
    row = session.execute(_statement(selection).where(Token.id == token_id)).one_or_none()
    if row is None:
        raise TokenNotFound
    return _listed(row)


def valid_at(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """The condition that a token is neither revoked nor expired."""
    return and_(Token.revoked_at.is_(None), or_(Token.expires_at.is_(None), Token.expires_at > now))


def _statement(selection: Selection) -> Select[*tuple[Any, ...]]:
    of_the_bot = and_(
        Membership.user_id == Token.user_id, Membership.namespace_id == Token.namespace_id
    )
    creator = aliased(User)
    return (
        select(Token, Membership.role, creator.username.label("creator"))
        .outerjoin(Membership, of_the_bot)
        .outerjoin(creator, creator.id == Token.creator_id)
        .where(*selection.conditions())
    )


def _listed(row: Any) -> ListedToken:
    role = Role(row.role) if row.role is not None else None
    return ListedToken(row.Token, role, row.creator)

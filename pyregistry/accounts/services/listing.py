"""Listing users: who may see whom, chosen by what they are."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, String, func, or_, select, true
from sqlalchemy.orm import Session

from pyregistry.accounts.errors import UserNotFound
from pyregistry.accounts.models import User
from pyregistry.accounts.services.users import NO_SUCH_ID
from pyregistry.authnz.identity import Viewer
from pyregistry.slices import Order, Slice, Window, read_slice


class UserOrder(StrEnum):
    """What users can be in the order of."""

    ID = "id"
    NAME = "name"
    USERNAME = "username"
    CREATED_AT = "created_at"


_COLUMNS: dict[UserOrder, tuple[ColumnElement[Any], ...]] = {
    UserOrder.ID: (User.id.expression,),
    UserOrder.NAME: (func.lower(User.name, type_=String), User.id.expression),
    UserOrder.USERNAME: (User.username_key.expression,),
    UserOrder.CREATED_AT: (User.created_at.expression, User.id.expression),
}


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which users are asked for: those for whom all holds that is given."""

    username: str | None = None
    """The whole user name, whatever its case."""
    text: str = ""
    """Part of the user name or name; for administrators also of the email address."""
    id_after: int | None = None
    blocked: bool | None = None
    external: bool | None = None
    bot: bool | None = None
    admin: bool | None = None
    """Only administrators can ask for it: to others nobody is told from anybody by it."""


def list_users(
    session: Session,
    viewer: Viewer,
    chosen: UserFilter,
    window: Window,
    *,
    by: UserOrder = UserOrder.ID,
    descending: bool = True,
) -> Slice[User]:
    """The users whom a viewer may see, the newest first unless another order is asked for."""
    order = Order(_COLUMNS[by], descending)
    statement = _visible_to(viewer).where(*_conditions(chosen, viewer))
    return read_slice(session, statement, order, window, lambda row: row[0])


def find_visible_user(session: Session, viewer: Viewer, user_id: int) -> User:
    """The user with that id. Raises `UserNotFound`, too, for one whom the viewer may not see."""
    statement = _visible_to(viewer).where(User.id == user_id)
    user = session.scalars(statement).one_or_none()
    if user is None:
        raise UserNotFound(NO_SUCH_ID)
    return user


def _visible_to(viewer: Viewer) -> Select[User]:
    """Everybody; an external user, as bots are, sees nobody but themselves."""
    everybody = viewer.is_admin or viewer.is_internal
    return select(User).where(true() if everybody else User.id == viewer.user_id)


def _conditions(chosen: UserFilter, viewer: Viewer) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.username is not None:
        conditions.append(User.username_key == chosen.username.lower())
    if chosen.text:
        conditions.append(_holds(chosen.text, with_email=viewer.is_admin))
    if chosen.id_after is not None:
        conditions.append(User.id > chosen.id_after)
    if chosen.blocked is not None:
        blocked = User.blocked_at.is_not(None)
        conditions.append(blocked if chosen.blocked else ~blocked)
    if chosen.external is not None:
        conditions.append(User.is_external.is_(chosen.external))
    if chosen.bot is not None:
        conditions.append(User.is_bot.is_(chosen.bot))
    if chosen.admin is not None and viewer.is_admin:
        conditions.append(User.is_admin.is_(chosen.admin))
    return conditions


def _holds(text: str, *, with_email: bool) -> ColumnElement[bool]:
    names = [
        User.username_key.contains(text.lower(), autoescape=True),
        User.name.icontains(text, autoescape=True),
    ]
    if with_email:
        names.append(User.email.contains(text.lower(), autoescape=True))
    return or_(*names)

"""Slices of long lists, by number as GitLab's pages are, or by the key of the last row."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from pyregistry.errors import Invalid
from pyregistry.texts import check_text

COUNTED = 10_000
"""Longer lists have no total: counting them would cost more than reading them."""

_LARGEST_NUMBERS = {True: 2**63 - 1, False: 2**31 - 1}
"""Of columns of large numbers, and of others: PostgreSQL fails with what a type does not hold."""

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Order:
    """By which columns a list is in order; none may be NULL, and the last one is unique."""

    columns: tuple[SQLColumnExpression[Any], ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a list are asked for: those after `offset`, or after a row's `cursor`.

    By key (`by_key`) nothing is counted, and every page costs as much as the first.
    """

    size: int
    offset: int = 0
    by_key: bool = False
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """The rows of a window, whether more follow, and how many there are in all.

    `cursor` is that of the last row, where the list is read by key and more follow.
    `total` is None above `COUNTED` rows, and where the list is read by key.
    """

    rows: Sequence[T]
    follows: bool
    total: int | None = None
    cursor: str | None = None

    def with_rows(self, rows: Sequence[U]) -> "Slice[U]":
        """The same window, with what stands for its rows in another place."""
        return Slice(rows, self.follows, self.total, self.cursor)


def read_slice(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    order: Order,
    window: Window,
    of: Callable[[Row[*tuple[Any, ...]]], T],
    *,
    counted: Select[*tuple[Any, ...]] | None = None,
) -> Slice[T]:
    """The rows of `statement` in a window, each turned by `of` into what it stands for.

    `statement` has no order and no limit; `counted` is another one with as many rows, where
    that is faster to count. At most two queries. Raises `Invalid` for a cursor that this list
    has not given.
    """
    if counted is None:
        counted = statement
    if window.by_key:
        return _read_by_key(session, statement, order, window, of)
    if window.offset > COUNTED:
        total = _count_of(session, counted)
        return _read_far(session, statement, order, window, of, total)
    rows = session.execute(
        _ordered(statement, order).offset(window.offset).limit(window.size + 1)
    ).all()
    follows = len(rows) > window.size
    shown = rows[: window.size]
    if follows or not (shown or window.offset == 0):
        known = count(session, counted)
    else:
        known = _known(window.offset + len(shown))
    return Slice([of(row) for row in shown], follows, known)


def _read_far(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    order: Order,
    window: Window,
    of: Callable[[Row[*tuple[Any, ...]]], T],
    total: int,
) -> Slice[T]:
    """Read from the end that is nearer: to count a list by an index costs less than to read it."""
    size = min(window.size, total - window.offset)
    if size <= 0:
        return Slice([], follows=False, total=_known(total))
    behind = total - window.offset - size
    if behind < window.offset:
        backwards = replace(order, descending=not order.descending)
        rows = session.execute(_ordered(statement, backwards).offset(behind).limit(size)).all()[
            ::-1
        ]
    else:
        rows = session.execute(_ordered(statement, order).offset(window.offset).limit(size)).all()
    return Slice([of(row) for row in rows], behind > 0, _known(total))


def count(session: Session, statement: Select[*tuple[Any, ...]]) -> int | None:
    """How many rows a statement has; None for more than `COUNTED`."""
    return _known(_count_of(session, statement.limit(COUNTED + 1)))


def _count_of(session: Session, statement: Select[*tuple[Any, ...]]) -> int:
    return session.scalars(select(func.count()).select_from(statement.subquery())).one()


def _known(total: int) -> int | None:
    return total if total <= COUNTED else None


def _read_by_key(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    order: Order,
    window: Window,
    of: Callable[[Row[*tuple[Any, ...]]], T],
) -> Slice[T]:
    if window.cursor is not None:
        statement = statement.where(*_after(order, _decoded(window.cursor, order)))
    keys: list[ColumnElement[Any]] = [
        column.label(f"key_{place}") for place, column in enumerate(order.columns)
    ]
    statement = _ordered(statement, order).add_columns(*keys)
    rows = session.execute(statement.limit(window.size + 1)).all()
    follows = len(rows) > window.size
    shown = rows[: window.size]
    cursor = _encoded(order, shown[-1][-len(keys) :]) if follows else None
    return Slice([of(row) for row in shown], follows, cursor=cursor)


def _after(order: Order, key: Sequence[Any]) -> tuple[ColumnElement[bool], ...]:
    """What rows after `key` fulfil; of the first column twice, for columns of several tables."""
    here, last, first = tuple_(*order.columns), tuple_(*key), order.columns[0]
    if order.descending:
        return first <= key[0], here < last
    return first >= key[0], here > last


def _ordered(statement: Select[*tuple[Any, ...]], order: Order) -> Select[*tuple[Any, ...]]:
    return statement.order_by(
        *(column.desc() if order.descending else column.asc() for column in order.columns)
    )


def _names(order: Order) -> list[str]:
    """The columns, which a cursor repeats: that of another order is wrong here.

    A computed column has no name: it is called by what it computes.
    """
    return [str(column) for column in order.columns]


def _encoded(order: Order, key: Sequence[Any]) -> str:
    values = [value.isoformat() if isinstance(value, date) else value for value in key]
    text = json.dumps([_names(order), values])
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(cursor: str, order: Order) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        names, values = json.loads(urlsafe_b64decode(padded.encode("ascii")))
        if names == _names(order):
            pairs = zip(values, order.columns, strict=True)
            return [_typed(value, column) for value, column in pairs]
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass  # no cursor at all
    raise Invalid(
        "The parameter cursor is wrong: take it from the Link header of a page of this list."
    )


def _typed(value: Any, column: Any) -> ColumnElement[Any]:
    """The value as one of the column's type.

    Raises `ValueError`, `TypeError` or `OverflowError`.
    """
    kind = column.type.python_type
    if kind is datetime:
        value = datetime.fromisoformat(value).astimezone(UTC)
    elif kind is date:
        value = date.fromisoformat(value)
    elif type(value) is not kind:
        raise TypeError("of another type")
    elif kind is int and abs(value) > _LARGEST_NUMBERS[isinstance(column.type, BigInteger)]:
        raise ValueError("a number that the column does not hold")
    elif kind is str:
        check_text("cursor", value)
    return literal(value, column.type)

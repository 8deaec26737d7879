"""Slices of lists: by number and by key, counted only as far as that costs little."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, String, cast, func, insert, select
from sqlalchemy.orm import Session

from pyregistry import slices
from pyregistry.errors import Invalid
from pyregistry.events.models import Event
from pyregistry.slices import Order, Slice, Window, read_slice
from tests.factories.world import START, World
from tests.functional.support import statements

BY_ID = Order((Event.id,))
BY_MOMENT = Order((Event.occurred_at, Event.id))
BY_ACTION = Order((Event.action, Event.id))


@pytest.fixture
def session(world: World) -> Iterator[Session]:
    """A session on a database with eleven events: moments and actions that are equal."""
    happened(world, 11)
    with world.components.database.reading() as session:
        yield session


def happened(world: World, count: int) -> None:
    """Write events, three of each moment and two actions in turn."""
    rows = [
        {
            "id": number,
            "occurred_at": START + timedelta(microseconds=number // 3),
            "action": f"action.{number % 2}",
            "details": {},
        }
        for number in range(1, count + 1)
    ]
    with world.components.database.writing() as session:
        session.execute(insert(Event), rows)


def read(session: Session, window: Window, order: Order = BY_ID, *, least: int = 0) -> Slice[int]:
    """The ids of the events in a window."""
    statement = select(Event.id).where(Event.id > least)
    return read_slice(session, statement, order, window, lambda row: int(row[0]))


def ids_by_key(session: Session, order: Order, size: int) -> list[int]:
    """The ids of all events, read by key page after page."""
    found: list[int] = []
    cursor = None
    while True:
        page = read(session, Window(size, by_key=True, cursor=cursor), order)
        assert page.total is None
        assert page.follows == (page.cursor is not None)
        found += page.rows
        cursor = page.cursor
        if cursor is None:
            return found
        assert len(page.rows) == size


@pytest.mark.parametrize(
    ("window", "rows", "follows"),
    [
        (Window(5), [1, 2, 3, 4, 5], True),
        (Window(5, 5), [6, 7, 8, 9, 10], True),
        (Window(5, 10), [11], False),
        (Window(11), list(range(1, 12)), False),
        (Window(5, 11), [], False),
        (Window(5, 900), [], False),
    ],
)
def test_by_number(session: Session, window: Window, rows: list[int], follows: bool) -> None:
    assert read(session, window) == Slice(rows, follows, 11)


def test_an_empty_list(session: Session) -> None:
    assert read(session, Window(5), least=99) == Slice([], follows=False, total=0)
    assert read(session, Window(5, by_key=True), least=99) == Slice([], follows=False)


@pytest.mark.parametrize("offset", [0, 2, 4, 6, 8, 10, 11, 50])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("counted", [0, 3, 10])
def test_far_pages_are_the_same(
    session: Session, monkeypatch: pytest.MonkeyPatch, offset: int, descending: bool, counted: int
) -> None:
    order = Order(BY_MOMENT.columns, descending)
    near = read(session, Window(3, offset), order)
    monkeypatch.setattr(slices, "COUNTED", counted)
    far = read(session, Window(3, offset), order)
    assert (far.rows, far.follows) == (near.rows, near.follows)


@pytest.mark.parametrize(("counted", "total"), [(12, 11), (11, 11), (10, None), (5, None)])
@pytest.mark.parametrize("offset", [0, 4, 8, 20])
def test_totals_are_left_out_above_a_number(
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    counted: int,
    total: int | None,
    offset: int,
) -> None:
    monkeypatch.setattr(slices, "COUNTED", counted)
    assert read(session, Window(4, offset)).total == total


def test_as_many_as_are_counted_and_one_more(world: World) -> None:
    happened(world, slices.COUNTED + 1)
    with world.components.database.reading() as session:
        assert read(session, Window(20)).total is None
        assert read(session, Window(20), least=1).total == 10_000
        last = read(session, Window(20, slices.COUNTED))
        assert last == Slice([10_001], follows=False, total=None)
        assert read(session, Window(20, 10_020)) == Slice([], follows=False)
        assert read(session, Window(20, 10_020), least=1).total == 10_000


def test_no_more_than_two_queries(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    happened(world, 30)
    monkeypatch.setattr(slices, "COUNTED", 10)
    with world.components.database.reading() as session:
        for window in (Window(5), Window(5, 25), Window(5, 12), Window(5, 99)):
            with statements(world) as executed:
                read(session, window)
            assert len(executed) <= 2
        with statements(world) as executed:
            read(session, Window(5, by_key=True))
        assert len(executed) == 1


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("columns", [BY_ID.columns, BY_MOMENT.columns, BY_ACTION.columns])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 11, 20])
def test_by_key_every_row_comes_once(
    session: Session, columns: tuple[Any, ...], descending: bool, size: int
) -> None:
    order = Order(columns, descending)
    assert ids_by_key(session, order, size) == list(read(session, Window(99), order).rows)


def test_by_key_what_comes_and_goes_shifts_nothing(world: World, session: Session) -> None:
    first = read(session, Window(4, by_key=True))
    session.rollback()
    with world.components.database.writing() as writing:
        writing.execute(
            insert(Event),
            [
                {"id": number, "occurred_at": START, "action": "x", "details": {}}
                for number in (-1, 0)
            ],
        )
    second = read(session, Window(4, by_key=True, cursor=first.cursor), least=-9)
    assert second.rows == [5, 6, 7, 8]


def cursor_of(value: Any) -> str:
    """A cursor that says something else."""
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


MOMENT = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
NAMES = [str(column) for column in BY_MOMENT.columns]
WRONG_CURSORS = {
    "empty": "",
    "no base 64": "%%%",
    "not of ASCII": "é",
    "no JSON": "bm9wZQ",
    "deep": urlsafe_b64encode(b"[" * 100_000).decode(),
    "not of UTF-8": urlsafe_b64encode(b"\xff\xfe").decode(),
    "a number": cursor_of(1),
    "null": cursor_of(None),
    "an object": cursor_of({"a": 1, "b": 2}),
    "no values": cursor_of([NAMES, None]),
    "a value": cursor_of([NAMES, 7]),
    "too few": cursor_of([NAMES, [MOMENT]]),
    "too many": cursor_of([NAMES, [MOMENT, 1, 1]]),
    "a text for a number": cursor_of([NAMES, [MOMENT, "1"]]),
    "a truth value for a number": cursor_of([NAMES, [MOMENT, True]]),
    "a fraction": cursor_of([NAMES, [MOMENT, 1.5]]),
    "no number": cursor_of([NAMES, [MOMENT, float("nan")]]),
    "a large number": cursor_of([NAMES, [MOMENT, 2**63]]),
    "a small number": cursor_of([NAMES, [MOMENT, -(2**64)]]),
    "no moment": cursor_of([NAMES, ["yesterday", 1]]),
    "before all moments": cursor_of([NAMES, ["0001-01-01T00:00:00+14:00", 1]]),
    "after all moments": cursor_of([NAMES, ["9999-12-31T23:59:59-14:00", 1]]),
    "a number for a moment": cursor_of([NAMES, [1, 1]]),
    "of another order": cursor_of([["id"], [1]]),
    "of another column": cursor_of([["Event.action", "Event.id"], [MOMENT, 1]]),
}


@pytest.mark.parametrize("case", WRONG_CURSORS)
def test_wrong_cursors(session: Session, case: str) -> None:
    with pytest.raises(Invalid, match="The parameter cursor is wrong"):
        read(session, Window(3, by_key=True, cursor=WRONG_CURSORS[case]), BY_MOMENT)


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1])
def test_a_number_that_a_column_of_small_numbers_does_not_hold(
    session: Session, number: int
) -> None:
    order = Order((cast(func.length(Event.action), Integer), Event.id))
    cursor = cursor_of([[str(column) for column in order.columns], [number, 1]])
    with pytest.raises(Invalid, match="The parameter cursor is wrong"):
        read(session, Window(3, by_key=True, cursor=cursor), order)


@pytest.mark.parametrize("text", ["a\x00", "\ud800"])
def test_cursors_with_texts_that_no_database_takes(session: Session, text: str) -> None:
    cursor = cursor_of([["action", "id"], [text, 1]])
    with pytest.raises(Invalid, match="cursor"):
        read(session, Window(3, by_key=True, cursor=cursor), BY_ACTION)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=ANYTHING | st.tuples(st.just(NAMES), st.tuples(ANYTHING, ANYTHING)))
def test_any_cursor_is_right_or_refused(session: Session, value: Any) -> None:
    with suppress(Invalid):
        read(session, Window(3, by_key=True, cursor=cursor_of(value)), BY_MOMENT)


def test_a_cursor_of_the_same_order_in_the_other_direction(session: Session) -> None:
    cursor = read(session, Window(4, by_key=True)).cursor
    page = read(session, Window(9, by_key=True, cursor=cursor), Order(BY_ID.columns, True))
    assert page.rows == [3, 2, 1]


def test_a_cursor_of_another_computed_column(session: Session) -> None:
    def by(column: Any) -> Order:
        return Order((func.lower(column, type_=String()), Event.id))

    first = read(session, Window(1, by_key=True), by(Event.action))
    assert first.cursor
    with pytest.raises(Invalid, match="The parameter cursor is wrong"):
        read(session, Window(1, by_key=True, cursor=first.cursor), by(Event.namespace_path))

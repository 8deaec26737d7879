"""Every change to who may read what is counted, in the transaction that makes it."""

import pytest
from sqlalchemy import Column, Executable, delete, select, text, update
from sqlalchemy.orm import Session

from pyregistry.authnz.roles import Role
from pyregistry.freshness.models import AccessSerial
from pyregistry.models import metadata
from tests.factories.world import World

DECIDE_NOTHING = {
    "users": {
        *("username_key", "email", "name", "password_hash", "is_bot", "created_at"),
        *("current_sign_in_at", "last_sign_in_at"),
    },
    "tokens": {
        *("description", "minted_by_id", "trusted_publisher_id", "creator_id", "created_at"),
        *("last_used_at", "last_used_address"),
    },
    "memberships": {"created_at"},
    "namespaces": {
        *("name", "description", "serial", "packages_count", "files_count", "storage_bytes"),
        *("creator_id", "created_at"),
    },
    "namespace_ancestors": set[str](),
    "instance_settings": {"users_create_groups"},
}
"""The columns that no answer of an index depends on, by table."""

DECIDING = [
    (table, column.name, column.name not in unimportant)
    for table, unimportant in DECIDE_NOTHING.items()
    for column in metadata.tables[table].columns
    if column.name != "id"
]


@pytest.fixture
def filled(world: World) -> World:
    """A registry with a row in each of these tables."""
    world.project("acme/core")
    world.member("acme/core", "ann", Role.OWNER)
    world.token("ann")
    return world


def number(session: Session) -> int:
    return session.scalars(select(AccessSerial.value)).one()


def numbers(world: World, *statements: Executable) -> tuple[int, int]:
    """The number before a transaction, and after it."""
    database = world.components.database
    with database.reading() as session:
        before = number(session)
    with database.writing() as session:
        for statement in statements:
            session.execute(statement)
    with database.reading() as session:
        return before, number(session)


def changes(world: World, *statements: Executable) -> bool:
    """Whether the number is another one after a transaction."""
    before, after = numbers(world, *statements)
    return before != after


@pytest.mark.parametrize(("table", "column", "counts"), DECIDING)
def test_changes(filled: World, table: str, column: str, counts: bool) -> None:
    found: Column[object] = metadata.tables[table].columns[column]
    same = update(metadata.tables[table]).values({column: found})
    assert changes(filled, same) == counts


@pytest.mark.parametrize("table", DECIDE_NOTHING)
def test_deletion(filled: World, table: str) -> None:
    deleted = {
        "namespaces": text("DELETE FROM namespaces WHERE full_path = 'acme/core'"),
        "users": text("DELETE FROM users WHERE username = 'ann'"),
    }
    assert changes(filled, deleted.get(table, delete(metadata.tables[table])))


@pytest.mark.parametrize("what", ["membership", "project"])
def test_what_comes_between_others(filled: World, what: str) -> None:
    database = filled.components.database
    with database.reading() as session:
        before = number(session)
    if what == "membership":
        filled.member("acme", "ann", Role.GUEST)
    else:
        filled.project("acme/other")
    with database.reading() as session:
        assert number(session) != before


def test_a_new_token_takes_nothing_from_anybody(filled: World) -> None:
    database = filled.components.database
    with database.reading() as session:
        before = number(session)
    filled.token("ann")
    with database.reading() as session:
        assert number(session) == before


def test_nobody_sees_the_number_before_the_change(filled: World) -> None:
    database = filled.components.database
    with database.reading() as session:
        before = number(session)
    with database.writing_session() as session:
        session.execute(text("UPDATE users SET is_admin = true"))
        with database.reading() as other:
            assert number(other) == before
        session.rollback()
    with database.reading() as session:
        assert number(session) == before


def test_once_in_a_transaction_on_postgresql(filled: World) -> None:
    """Its lock is taken at the commit, where no other lock is waited for."""
    if filled.components.database.kind != "postgresql":
        pytest.skip("SQLite has one writer")
    change = text("UPDATE users SET is_admin = true")
    assert changes(filled, change, change, text("UPDATE namespaces SET path = path"))
    database = filled.components.database
    with database.writing_session() as first:
        first.execute(change)
        with database.writing() as second:
            second.execute(text("UPDATE namespaces SET path = path"))
        first.commit()


def test_no_number_comes_again(filled: World) -> None:
    """Where a backup is put back, what changed after it does not lend its number to others."""
    change = text("UPDATE users SET is_admin = is_admin")
    drawn = [numbers(filled, change)[1] for _ in range(5)]
    assert len(set(drawn)) == 5
    assert max(drawn) - min(drawn) > 2**40

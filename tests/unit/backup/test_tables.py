"""Every table is exported, or left out for a reason: a new one fails here until that is decided."""

from pyregistry.backup.tables import (
    EXPORTED,
    LEFT_OUT,
    NOT_OF_GROUPS,
    OF_GROUPS,
    SINGLE_ROWS,
    refers_to_user,
    table_named,
)
from pyregistry.models import metadata


def test_every_table_is_exported_or_left_out() -> None:
    assert set(EXPORTED) | set(LEFT_OUT) == set(metadata.tables)
    assert not set(EXPORTED) & set(LEFT_OUT)
    assert len(set(EXPORTED)) == len(EXPORTED)


def test_every_exported_table_is_of_groups_or_not() -> None:
    assert set(OF_GROUPS) | set(NOT_OF_GROUPS) == set(EXPORTED)
    assert not set(OF_GROUPS) & set(NOT_OF_GROUPS)
    assert all([*LEFT_OUT.values(), *NOT_OF_GROUPS.values()])


def test_rows_come_after_those_that_they_refer_to() -> None:
    for order in (EXPORTED, tuple(OF_GROUPS)):
        for name in order:
            referred = {key.column.table.name for key in table_named(name).foreign_keys}
            before = order[: order.index(name) + 1]
            assert referred & set(order) <= set(before), name


def test_what_is_left_out_of_a_table_is_there() -> None:
    for name, part in OF_GROUPS.items():
        assert set(part.without) <= set(table_named(name).columns.keys()), name


def test_no_column_of_a_group_holds_a_credential() -> None:
    for name, part in OF_GROUPS.items():
        columns = {
            column.name
            for column in table_named(name).columns
            if column.name not in part.without and not refers_to_user(column)
        }
        assert not {each for each in columns if each in ("digest", "password_hash", "email")}


def test_tables_of_one_row_are_exported() -> None:
    assert set(SINGLE_ROWS) <= set(EXPORTED)
    one_row = {name for name in metadata.tables if _has_one_row(name)}
    assert one_row - set(LEFT_OUT) == set(SINGLE_ROWS)


def _has_one_row(name: str) -> bool:
    """Those are made by migrations, and numbered by nobody."""
    column = table_named(name).columns.get("id")
    return column is not None and column.autoincrement is False

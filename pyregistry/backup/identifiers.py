"""The last numbers that were given to rows: an import goes on from them, and gives none again."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, Table, func, literal, select, text
from sqlalchemy.dialects.sqlite import insert

from pyregistry.backup.tables import EXPORTED, table_named
from pyregistry.numbering import LastIdentifier


def numbered_tables() -> Iterator[Table]:
    """The exported tables whose rows the database numbers."""
    for name in EXPORTED:
        table = table_named(name)
        if table.autoincrement_column is not None and "id" in table.c:
            yield table


def last_identifiers(connection: Connection) -> dict[str, int]:
    """The last number that was given to a row of each table, whether the row is there or not."""
    return {table.name: _last(connection, table) for table in numbered_tables()}


def go_on_from(connection: Connection, last: Mapping[str, int]) -> None:
    """Have every table number its next row above these, and above those it has."""
    for table in numbered_tables():
        highest = connection.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0
        value = max(highest, last.get(table.name, 0))
        if not value:
            continue
        if connection.dialect.name == "postgresql":
            sequence = func.pg_get_serial_sequence(literal(table.name), literal("id"))
            connection.execute(select(func.setval(sequence, value)))
        else:
            first = insert(LastIdentifier).values(table_name=table.name, value=value)
            connection.execute(
                first.on_conflict_do_update(
                    index_elements=[LastIdentifier.table_name], set_={"value": value}
                )
            )


def _last(connection: Connection, table: Table) -> int:
    highest = connection.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0
    if connection.dialect.name == "postgresql":
        given = connection.scalar(
            text(
                "SELECT pg_sequence_last_value("
                "CAST(pg_get_serial_sequence(:name, 'id') AS regclass))"
            ),
            {"name": table.name},
        )
    else:
        given = connection.scalar(
            select(LastIdentifier.value).where(LastIdentifier.table_name == table.name)
        )
    return max(highest, given or 0)

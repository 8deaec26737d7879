"""Identifiers that are given once: what is deleted leaves its number to nobody.

PostgreSQL numbers rows by sequences. SQLite gives the number of the last row again once that
row is gone, and scripts that keep the id of a project would meet another one.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Executable, String, Table, event, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from pyregistry.db import Base, table_of

_NAME: Final = "id"


class LastIdentifier(Base):
    """The last number that was given to a row of a table, on SQLite."""

    __tablename__ = "last_identifiers"

    table_name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


@event.listens_for(Base, "before_insert", propagate=True)
def _give_identifier(mapper: Mapper[Any], connection: Connection, row: Any) -> None:
    """Give a new row a number that none ever had. Whoever writes to SQLite does so alone."""
    table = mapper.local_table
    if connection.dialect.name != "sqlite" or _NAME not in table.c or row.id is not None:
        return
    row.id = new_identifiers(connection, table)[str(table)]


def new_identifiers(connection: Connection, *tables: Any) -> Mapping[str, int]:
    """A number for one new row of each table, by the table's name; for rows that are inserted
    without the object-relational mapper.

    None on PostgreSQL, which gives them by itself.
    """
    if connection.dialect.name != "sqlite" or not tables:
        return {}
    return {str(table): connection.execute(_number_of(table)).scalar_one() for table in tables}


@cache
def _number_of(table: Table) -> Executable:
    """Built once: building it costs more than running it, and so does one for several tables,
    which is compiled anew each time."""
    highest = select(func.coalesce(func.max(table.c[_NAME]), 0)).scalar_subquery()
    given = table_of(LastIdentifier)
    first = insert(given).values(table_name=str(table), value=highest + 1)
    return first.on_conflict_do_update(
        index_elements=[given.c.table_name],
        set_={"value": func.max(given.c.value + 1, first.excluded.value)},
    ).returning(given.c.value)

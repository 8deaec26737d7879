"""Identifiers that are given once: what is deleted leaves its number to nobody.

PostgreSQL numbers rows by sequences. SQLite gives the number of the last row again once that
row is gone, and scripts that keep the id of a project would meet another one.
"""

from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, FromClause, Insert, String, event, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from pyregistry.db import Base

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
    row.id = connection.scalar(_next_identifier(table))


# A statement for each table. To make one anew for each row takes longer than the query.
@cache
def _next_identifier(table: FromClause) -> Insert:
    highest = select(func.coalesce(func.max(table.c[_NAME]), 0)).scalar_subquery()
    first = insert(LastIdentifier).values(table_name=str(table), value=highest + 1)
    return first.on_conflict_do_update(
        index_elements=[LastIdentifier.table_name],
        set_={"value": func.max(LastIdentifier.value, highest) + 1},
    ).returning(LastIdentifier.value)

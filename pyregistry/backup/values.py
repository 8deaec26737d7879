"""Rows as JSON: what a database holds, in words that both databases understand."""

import base64
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary

from pyregistry.backup.errors import DamagedExport

Row = Mapping[str, Any]
"""A row by the names of its columns."""


def as_json(row: Row) -> dict[str, Any]:
    """A row of the database as JSON knows it.

    Moments are in ISO 8601 with their zone, bytes in base 64.
    """
    return {name: _plain(value) for name, value in row.items()}


def from_json(columns: Iterable[Column[Any]], row: Row) -> dict[str, Any]:
    """The values of a row for these columns. Raises `DamagedExport` where one is missing."""
    try:
        return {column.name: value_of(column, row[column.name]) for column in columns}
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedExport(f"A row cannot be read: {type(error).__name__} {error}.") from None


def value_of(column: Column[Any], value: Any) -> Any:
    """A value from JSON as the column holds it. Raises `ValueError` and `TypeError`."""
    if value is None or isinstance(column.type, JSON):
        return value
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value, validate=True)
    kind = column.type.python_type
    if issubclass(kind, date):  # a datetime is one, too
        return kind.fromisoformat(value)
    return kind(value)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value

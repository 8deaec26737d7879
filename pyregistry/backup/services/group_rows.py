"""Checking the rows of a group's export: a folder of files that others may have written."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import JSON, Column

from pyregistry.authnz.roles import Role
from pyregistry.backup.errors import DamagedExport
from pyregistry.backup.folder import ExportFolder
from pyregistry.backup.manifest import Manifest
from pyregistry.backup.tables import OF_GROUPS, name_of_user_column, refers_to_user, table_named
from pyregistry.backup.values import Row, value_of
from pyregistry.events.actions import Action
from pyregistry.protection.levels import Level
from pyregistry.texts import can_be_stored

_LARGEST: Final = 2**63
_LONGEST_TEXT: Final = 1_000_000
_LONGEST_USERNAME: Final = 255

_MEANINGS: Final[Mapping[tuple[str, str], Callable[[Any], object]]] = {
    ("memberships", "role"): Role,
    ("protection_rules", "push_level"): Level,
    ("protection_rules", "delete_level"): Level,
    ("usage_counts", "action"): Action,
}
"""Columns whose type does not say all: what takes their values, or raises `ValueError`."""


def check_group_rows(folder: ExportFolder, manifest: Manifest) -> None:
    """Raise `DamagedExport` unless all rows have the columns, values and references of an export.

    After that nothing of them surprises whoever reads them. Whether they may be imported is
    another question.
    """
    numbers: dict[str, set[int]] = {}
    for table in OF_GROUPS:
        columns = _columns_of(table)
        found: set[int] = set()
        for row in folder.rows(manifest.rows_folder, table):
            if row.keys() != columns.keys():
                raise DamagedExport(f"A row of {table} has other columns than an export.")
            for name, column in columns.items():
                if not _makes_sense(table, name, column, row, numbers):
                    raise DamagedExport(f"A row of {table} makes no sense: its {name}.")
            found.add(row.get("id", 0))
        numbers[table] = found


def _columns_of(table: str) -> Mapping[str, Column[Any]]:
    """The columns by the names that they have in an export."""
    return {
        name_of_user_column(column) if refers_to_user(column) else column.name: column
        for column in table_named(table).columns
        if column.name not in OF_GROUPS[table].without
    }


def _makes_sense(
    table: str, name: str, column: Column[Any], row: Row, numbers: Mapping[str, set[int]]
) -> bool:
    value = row[name]
    if value is None:
        return bool(column.nullable)
    if refers_to_user(column):
        return _is_text(value, _LONGEST_USERNAME)
    try:
        _MEANINGS.get((table, name), lambda _: None)(value)
        if not _is_of_type(column, value):
            return False
    except (ValueError, TypeError):
        return False
    referred = {key.column.table.name for key in column.foreign_keys}
    # What is above the group is not in its export.
    return all(value in numbers[other] for other in referred if other != table)


def _is_of_type(column: Column[Any], value: Any) -> bool:
    """Raises `ValueError` and `TypeError`, too, for what is not."""
    if isinstance(column.type, JSON):
        return isinstance(value, dict)
    kind = column.type.python_type
    if kind is bool:
        return isinstance(value, bool)
    if issubclass(kind, int):
        return type(value) is int and 0 <= value < _LARGEST
    if not _is_text(value, getattr(column.type, "length", None) or _LONGEST_TEXT):
        return False
    parsed = value_of(column, value)
    if issubclass(kind, date):
        return not isinstance(parsed, datetime) or parsed.tzinfo is not None
    return True


def _is_text(value: Any, longest: int) -> bool:
    """Whether both databases keep it."""
    return isinstance(value, str) and len(value) <= longest and can_be_stored(value)

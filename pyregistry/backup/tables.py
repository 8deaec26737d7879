"""What of the database an export holds, what it leaves out, and why.

Every table is in `EXPORTED` or in `LEFT_OUT`, and every one that an export of everything holds
is in `OF_GROUPS` or in `NOT_OF_GROUPS`: tests compare them with the models.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Select, Table, func, select

from pyregistry.accounts.models import User
from pyregistry.models import metadata
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.subtrees import ids_below

Statement = Select[*tuple[Any, ...]]

EXPORTED: Final = (
    "users",
    "instance_settings",
    "instance_storage",
    "registry_serial",
    "namespaces",
    "namespace_storage",
    "namespace_ancestors",
    "namespace_redirects",
    "memberships",
    "trusted_publishers",
    "used_id_tokens",
    "builds",
    "tokens",
    "protection_rules",
    "reserved_prefixes",
    "reserved_prefix_projects",
    "packages",
    "package_texts",
    "package_dependencies",
    "releases",
    "files",
    "file_metadata",
    "file_builds",
    "usage_counts",
    "usage_totals",
    "events",
)
"""The tables of an export of everything, each after those that it refers to."""

LEFT_OUT: Final[Mapping[str, str]] = {
    "access_serial": "counts what happens to this database, and nothing else",
    "browser_sessions": "people sign in again",
    "jobs": "what was to be done, or was done, in the registry that they are jobs of",
    "last_identifiers": "SQLite's alone; the manifest has the last numbers of either database",
}
"""The tables that no export holds, and why."""

SINGLE_ROWS: Final = ("instance_settings", "instance_storage", "registry_serial")
"""Tables of one row, which every registry has from its first migration on."""


@dataclass(frozen=True, slots=True)
class Part:
    """What an export of a group holds of a table: the rows of a subtree, without some columns.

    The rows belong to the namespaces that the column `belongs_to` names, `through` other
    tables where it is not one of this table.
    """

    belongs_to: str
    through: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


OF_GROUPS: Final[Mapping[str, Part]] = {
    "namespaces": Part(
        "id", without=("full_path_key", "packages_available", "pulls_open", "serial")
    ),
    "memberships": Part("namespace_id"),
    "trusted_publishers": Part("project_id"),
    "builds": Part("project_id"),
    "protection_rules": Part("project_id"),
    "reserved_prefixes": Part("group_id"),
    "reserved_prefix_projects": Part("project_id"),
    "packages": Part("project_id", without=("serial", "latest_version_key")),
    "releases": Part(
        "project_id",
        # Of the archive itself, which is inspected again.
        without=("version_key", "core_metadata", "description", "description_html"),
    ),
    "files": Part("project_id", without=("uploaded_from", "user_agent")),
    "file_builds": Part("project_id", through=("files",)),
    "usage_counts": Part("namespace_id"),
}
"""The tables of an export of a group, in the order in which they are read back."""

NOT_OF_GROUPS: Final[Mapping[str, str]] = {
    "users": "users are the instance's; rows name them by their user names",
    "instance_settings": "the instance's",
    "instance_storage": "the instance's",
    "namespace_storage": "limits are given by those who keep the other instance",
    "registry_serial": "the instance's",
    "namespace_ancestors": "follows from the paths",
    "namespace_redirects": "old paths of this instance lead nowhere in another",
    "used_id_tokens": "of exchanges with this instance",
    "tokens": "credentials",
    "package_texts": "follows from the archives",
    "package_dependencies": "follows from the archives",
    "file_metadata": "in the archives",
    "usage_totals": "follows from the counts",
    "events": "the audit log of this instance; another one records what is done there",
}
"""The tables that only an export of everything holds, and why."""

_ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "releases": ("package_id", "id"),
    "files": ("package_id", "id"),
}
"""Beside each other what an import takes together; all others by their keys."""


def table_named(name: str) -> Table:
    """The table with that name."""
    return metadata.tables[name]


def all_rows(name: str) -> Statement:
    """Every row of a table, with all its columns, what rows refer to before them."""
    table = table_named(name)
    return _ordered(select(*table.columns), table)


def rows_of_group(name: str, group_id: int) -> Statement:
    """The rows of a table that belong to a group or project, or to anything below it.

    A column that refers to a user has the user name, and is called without its `_id`. Bots are
    no members: they belong to their tokens.
    """
    part, table = OF_GROUPS[name], table_named(name)
    statement: Statement = select()
    source = table.join(table_named(part.through[0])) if part.through else table
    for column in table.columns:
        if column.name in part.without:
            continue
        if refers_to_user(column):
            user = table_named("users").alias(f"user_of_{column.name}")
            source = source.outerjoin(user, user.c.id == column)
            label = name_of_user_column(column)
            statement = statement.add_columns(user.c.username.label(label))
            if not column.nullable:
                statement = statement.where(user.c.is_bot.is_(False))
        else:
            statement = statement.add_columns(column)
    holder = table_named(part.through[-1]) if part.through else table
    statement = statement.select_from(source)
    return _ordered(statement.where(holder.c[part.belongs_to].in_(ids_below(group_id))), table)


def refers_to_user(column: Column[Any]) -> bool:
    """Whether a column holds the number of a user."""
    return any(key.column.table.name == User.__tablename__ for key in column.foreign_keys)


def name_of_user_column(column: Column[Any]) -> str:
    """What a column that refers to a user is called where it has the user name."""
    return str(column.name).removesuffix("_id")


def _ordered(statement: Statement, table: Table) -> Statement:
    if table.name == Namespace.__tablename__:
        # Groups before what is in them: one that was moved may be older than its parent.
        path = table.c.full_path
        depth = func.length(path) - func.length(func.replace(path, "/", ""))
        return statement.order_by(depth, table.c.id)
    names = _ORDERS.get(table.name, tuple(column.name for column in table.primary_key))
    return statement.order_by(*(table.c[name] for name in names))

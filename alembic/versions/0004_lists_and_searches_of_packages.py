"""What lists of packages are in order by, what searches look in, and what packages need"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

# The newest of each is the right one: whatever changes it makes all rows anew.
from pyregistry.packaging.dependencies import dependency_names
from pyregistry.packaging.search_texts import search_text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PLAIN_NAME = sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql")
PACKAGES_AT_ONCE = 1_000
PACKAGE_ORDERS = (
    "normalized_name",
    "latest_version_key",
    "published_at",
    "storage_bytes",
    "pulls_count",
)
SHARED = ("package_id", "project_id", "normalized_name")
TEXTS = sa.table("package_texts", *(sa.column(name) for name in (*SHARED, "search_text")))
DEPENDENCIES = sa.table("package_dependencies", *(sa.column(name) for name in (*SHARED, "name")))
PULL = sa.text("action = 'file.pulled'")


def upgrade() -> None:
    for column in (
        sa.Column("latest_version_key", sa.Text(), nullable=False, server_default=""),
        sa.Column("published_at", MOMENT, nullable=False, server_default="2026-01-01 00:00:00+00"),
        sa.Column("pulls_count", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
    ):
        op.add_column("packages", column)
    _describe_latest_releases()
    for column in PACKAGE_ORDERS:
        op.create_index(
            op.f(f"ix_packages_project_id_{column}_id_status"),
            "packages",
            ["project_id", column, "id", "status"],
        )
    _create_texts()
    _create_dependencies()
    _fill()
    op.create_index(op.f("ix_releases_creator_id_id"), "releases", ["creator_id", "id"])
    op.create_index(
        op.f("ix_namespaces_kind_storage_bytes_id"), "namespaces", ["kind", "storage_bytes", "id"]
    )
    op.create_index(
        "ix_events_pull_namespace_id_package_occurred_at",
        "events",
        ["namespace_id", "package", "occurred_at"],
        sqlite_where=PULL,
        postgresql_where=PULL,
    )


def downgrade() -> None:
    op.drop_index("ix_events_pull_namespace_id_package_occurred_at", "events")
    op.drop_index(op.f("ix_namespaces_kind_storage_bytes_id"), "namespaces")
    op.drop_index(op.f("ix_releases_creator_id_id"), "releases")
    op.drop_table("package_dependencies")
    op.drop_table("package_texts")
    for column in PACKAGE_ORDERS:
        op.drop_index(op.f(f"ix_packages_project_id_{column}_id_status"), "packages")
    for column in ("latest_version_key", "published_at", "pulls_count"):
        op.drop_column("packages", column)


def _describe_latest_releases() -> None:
    op.execute(
        "UPDATE packages SET"
        " latest_version_key = coalesce((SELECT releases.version_key FROM releases"
        " WHERE releases.package_id = packages.id"
        " AND releases.version = packages.latest_version), ''),"
        " published_at = coalesce((SELECT releases.created_at FROM releases"
        " WHERE releases.package_id = packages.id"
        " AND releases.version = packages.latest_version), created_at),"
        " pulls_count = coalesce((SELECT sum(usage_counts.count) FROM usage_counts"
        " WHERE usage_counts.namespace_id = packages.project_id"
        " AND usage_counts.package = packages.normalized_name"
        " AND usage_counts.action = 'file.pulled'), 0)"
    )


def _create_texts() -> None:
    op.create_table(
        "package_texts",
        sa.Column("normalized_name", PLAIN_NAME, nullable=False),
        sa.Column("package_id", IDENTIFIER, nullable=False),
        sa.Column("project_id", IDENTIFIER, nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id"],
            ["packages.id"],
            name=op.f("fk_package_texts_package_id_packages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("normalized_name", "package_id", name=op.f("pk_package_texts")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_package_texts_package_id"), "package_texts", ["package_id"])


def _create_dependencies() -> None:
    op.create_table(
        "package_dependencies",
        sa.Column("package_id", IDENTIFIER, nullable=False),
        sa.Column("name", PLAIN_NAME, nullable=False),
        sa.Column("normalized_name", PLAIN_NAME, nullable=False),
        sa.Column("project_id", IDENTIFIER, nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id"],
            ["packages.id"],
            name=op.f("fk_package_dependencies_package_id_packages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("package_id", "name", name=op.f("pk_package_dependencies")),
    )
    op.create_index(
        "ix_package_dependencies_dependents",
        "package_dependencies",
        ["name", "normalized_name", "package_id", "project_id"],
    )


def _fill() -> None:
    """Write texts and dependencies, of some packages at a time: metadata may be long."""
    packages = sa.table(
        "packages",
        *(sa.column(name) for name in ("id", "project_id", "name", "normalized_name")),
        sa.column("latest_version"),
    )
    releases = sa.table(
        "releases",
        sa.column("package_id"),
        sa.column("version"),
        sa.column("core_metadata", sa.JSON),
    )
    latest = sa.and_(
        releases.c.package_id == packages.c.id, releases.c.version == packages.c.latest_version
    )
    statement = (
        sa.select(
            packages.c.id,
            packages.c.project_id,
            packages.c.name,
            packages.c.normalized_name,
            releases.c.core_metadata,
        )
        .outerjoin_from(packages, releases, latest)
        .order_by(packages.c.id)
        .limit(PACKAGES_AT_ONCE)
    )
    after = 0
    while found := op.get_bind().execute(statement.where(packages.c.id > after)).all():
        _write(found)
        after = found[-1].id


def _write(packages: Sequence[Any]) -> None:
    texts, dependencies = [], []
    for package in packages:
        metadata = package.core_metadata or {}
        identified = (package.id, package.project_id, package.normalized_name)
        shared = dict(zip(SHARED, identified, strict=True))
        text = search_text(package.name, package.normalized_name, metadata)
        texts.append({**shared, "search_text": text})
        dependencies += [
            {**shared, "name": name} for name in dependency_names(package.normalized_name, metadata)
        ]
    connection = op.get_bind()
    connection.execute(sa.insert(TEXTS), texts)
    if dependencies:
        connection.execute(sa.insert(DEPENDENCIES), dependencies)

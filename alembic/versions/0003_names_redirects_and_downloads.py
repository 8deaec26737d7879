"""Names of groups and projects, old paths that lead on, downloads, and SHA-1 digests"""

import sqlalchemy as sa
from alembic import op

# The newest key is the right one: whatever changes it makes all keys anew.
from pyregistry.packaging.version_keys import version_key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
RELEASE_ORDERS = {
    "created": ["created_at", "id", "project_id", "normalized_name", "version_key"],
    "name": ["normalized_name", "id", "project_id", "version_key"],
    "version": ["version_key", "id", "project_id", "normalized_name"],
    "project_created": ["project_id", "created_at", "id", "normalized_name", "version_key"],
    "project_name": ["project_id", "normalized_name", "id", "version_key"],
    "project_version": ["project_id", "version_key", "id", "normalized_name"],
}


def upgrade() -> None:
    op.add_column(
        "namespaces",
        sa.Column("name", sa.String(length=255), nullable=False, server_default=sa.text("''")),
    )
    op.execute("UPDATE namespaces SET name = path")
    op.add_column("files", sa.Column("sha1", sa.String(length=40), nullable=True))
    op.add_column("releases", sa.Column("last_downloaded_at", MOMENT, nullable=True))
    op.add_column(
        "instance_settings",
        sa.Column(
            "users_create_groups", sa.Boolean(), nullable=False, server_default=sa.text("false")
        ),
    )
    _create_redirects()
    _order_releases()


def downgrade() -> None:
    for name in RELEASE_ORDERS:
        op.drop_index(f"ix_releases_{name}", "releases")
    for column in ("normalized_name", "version_key", "updated_at"):
        op.drop_column("releases", column)
    op.create_index("ix_releases_project_id_id", "releases", ["project_id", "id"])
    op.drop_table("namespace_redirects")
    op.drop_column("instance_settings", "users_create_groups")
    op.drop_column("releases", "last_downloaded_at")
    op.drop_column("files", "sha1")
    op.drop_column("namespaces", "name")


def _create_redirects() -> None:
    op.create_table(
        "namespace_redirects",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("path_key", sa.Text(), nullable=False),
        sa.Column("namespace_id", IDENTIFIER, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name=op.f("fk_namespace_redirects_namespace_id_namespaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_namespace_redirects")),
        sa.UniqueConstraint("path_key", name=op.f("uq_namespace_redirects_path_key")),
    )
    op.create_index(
        op.f("ix_namespace_redirects_namespace_id"),
        "namespace_redirects",
        ["namespace_id"],
        unique=False,
    )


def _order_releases() -> None:
    """What lists of releases are in order by, with an index for each order."""
    for column in (
        sa.Column("normalized_name", sa.String(length=255), nullable=False, server_default=""),
        sa.Column("version_key", sa.Text(), nullable=False, server_default=""),
        sa.Column("updated_at", MOMENT, nullable=False, server_default="2026-01-01 00:00:00+00"),
    ):
        op.add_column("releases", column)
    op.execute(
        "UPDATE releases SET normalized_name ="
        " (SELECT packages.normalized_name FROM packages WHERE packages.id = releases.package_id),"
        " updated_at = coalesce((SELECT max(files.uploaded_at) FROM files"
        " WHERE files.release_id = releases.id), created_at)"
    )
    _write_version_keys()
    op.drop_index("ix_releases_project_id_id", "releases")
    for name, columns in RELEASE_ORDERS.items():
        op.create_index(f"ix_releases_{name}", "releases", columns)


def _write_version_keys() -> None:
    releases = sa.table(
        "releases", sa.column("canonical_version", sa.Text), sa.column("version_key", sa.Text)
    )
    connection = op.get_bind()
    versions = connection.scalars(sa.select(releases.c.canonical_version).distinct()).all()
    if not versions:
        return
    connection.execute(
        sa.update(releases)
        .where(releases.c.canonical_version == sa.bindparam("of"))
        .values(version_key=sa.bindparam("key")),
        [{"of": version, "key": version_key(version)} for version in versions],
    )

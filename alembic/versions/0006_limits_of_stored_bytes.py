"""How many bytes groups, projects and the registry store, and how many they may"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "namespace_storage",
        sa.Column("namespace_id", IDENTIFIER, autoincrement=False, nullable=False),
        sa.Column("used_bytes", sa.BigInteger(), nullable=False),
        sa.Column("max_file_size", sa.BigInteger(), nullable=True),
        sa.Column("storage_limit", sa.BigInteger(), nullable=True),
        sa.Column("admin_max_file_size", sa.BigInteger(), nullable=True),
        sa.Column("admin_storage_limit", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name=op.f("fk_namespace_storage_namespace_id_namespaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("namespace_id", name=op.f("pk_namespace_storage")),
    )
    op.create_table(
        "instance_storage",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("used_bytes", sa.BigInteger(), nullable=False),
        sa.Column("max_file_size", sa.BigInteger(), nullable=True),
        sa.Column("storage_limit", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance_storage")),
    )
    _count()


def downgrade() -> None:
    op.drop_table("instance_storage")
    op.drop_table("namespace_storage")


def _count() -> None:
    """From the counts that projects keep: there are a thousand times fewer of them than files."""
    op.execute(
        "INSERT INTO namespace_storage (namespace_id, used_bytes)"
        " SELECT namespace_ancestors.ancestor_id, sum(namespaces.storage_bytes)"
        " FROM namespace_ancestors"
        " JOIN namespaces ON namespaces.id = namespace_ancestors.namespace_id"
        " WHERE namespaces.storage_bytes > 0"
        " GROUP BY namespace_ancestors.ancestor_id"
    )
    op.execute(
        "INSERT INTO instance_storage (id, used_bytes)"
        " SELECT 1, coalesce(sum(storage_bytes), 0) FROM namespaces"
    )

"""Names of groups and projects, old paths that lead on, downloads, and SHA-1 digests"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


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
    op.add_column("users", sa.Column("current_sign_in_at", MOMENT, nullable=True))
    op.add_column("users", sa.Column("last_sign_in_at", MOMENT, nullable=True))
    _create_redirects()


def downgrade() -> None:
    op.drop_table("namespace_redirects")
    op.drop_column("users", "last_sign_in_at")
    op.drop_column("users", "current_sign_in_at")
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

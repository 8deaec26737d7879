"""Names of groups and projects, old paths that lead on, downloads, and SHA-1 digests

Events of a group or project that is deleted go up to a group above it, whose Owners read them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

KEPT_EVENTS_OF_POSTGRESQL = """
    CREATE OR REPLACE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF (NEW.actor_id IS NULL OR NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id)
                AND (NEW.namespace_id IS NULL
                    OR NEW.namespace_id IS NOT DISTINCT FROM OLD.namespace_id{or_above})
                AND to_jsonb(NEW) - 'actor_id' - 'namespace_id'
                    = to_jsonb(OLD) - 'actor_id' - 'namespace_id'
            THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'events are never changed or removed'
            USING ERRCODE = 'integrity_constraint_violation';
    END
    $$
"""
KEPT_EVENTS_OF_SQLITE = """
    CREATE TRIGGER events_keep_their_ids BEFORE UPDATE OF actor_id, namespace_id ON events
    WHEN (NEW.actor_id IS NOT NULL AND NEW.actor_id IS NOT OLD.actor_id)
        OR (NEW.namespace_id IS NOT NULL AND NOT
            (NEW.namespace_id IS OLD.namespace_id{or_above}))
    BEGIN SELECT RAISE(ABORT, 'events are never changed or removed'); END
"""
OR_ABOVE = """ OR EXISTS (
    SELECT 1 FROM namespace_ancestors AS above
    WHERE above.namespace_id = OLD.namespace_id AND above.ancestor_id = NEW.namespace_id)"""


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
    _let_events_go(OR_ABOVE)


def downgrade() -> None:
    _let_events_go("")
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


def _let_events_go(or_above: str) -> None:
    """Let the namespace of an event become NULL, or what `or_above` permits besides."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(KEPT_EVENTS_OF_POSTGRESQL.format(or_above=or_above))
        return
    op.execute("DROP TRIGGER events_keep_their_ids")
    op.execute(KEPT_EVENTS_OF_SQLITE.format(or_above=or_above))

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
    op.add_column("tokens", sa.Column("description", sa.Text(), nullable=True))
    op.create_index(
        op.f("ix_namespaces_kind_created_at_id"), "namespaces", ["kind", "created_at", "id"]
    )
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
    _order_usage_counts("namespace_id", "package", "action", "day")
    _create_usage_totals()


def downgrade() -> None:
    op.drop_table("usage_totals")
    _order_usage_counts("namespace_id", "package", "day", "action")
    _let_events_go("")
    op.drop_table("namespace_redirects")
    op.drop_column("users", "last_sign_in_at")
    op.drop_column("users", "current_sign_in_at")
    op.drop_column("instance_settings", "users_create_groups")
    op.drop_column("tokens", "description")
    op.drop_column("releases", "last_downloaded_at")
    op.drop_column("files", "sha1")
    op.drop_index(op.f("ix_namespaces_kind_created_at_id"), table_name="namespaces")
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


def _order_usage_counts(*key: str) -> None:
    """Give the counts a primary key of the same columns in another order."""
    name = op.f("pk_usage_counts")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(name, "usage_counts", type_="primary")
        op.create_primary_key(name, "usage_counts", list(key))
        return
    # SQLite changes no key: the rows move into a new table.
    op.rename_table("usage_counts", "old_usage_counts")
    _create_counts(
        "usage_counts", [sa.Column("package", sa.String(length=255), nullable=False)], key
    )
    op.execute(
        "INSERT INTO usage_counts (namespace_id, package, day, action, count) "
        "SELECT namespace_id, package, day, action, count FROM old_usage_counts"
    )
    op.drop_table("old_usage_counts")


def _create_usage_totals() -> None:
    _create_counts("usage_totals", [], ("namespace_id", "day", "action"))
    op.execute(
        "INSERT INTO usage_totals (namespace_id, day, action, count) "
        "SELECT namespace_id, day, action, sum(count) FROM usage_counts "
        "GROUP BY namespace_id, day, action"
    )


def _create_counts(table: str, more: list[sa.Column[str]], key: tuple[str, ...]) -> None:
    op.create_table(
        table,
        sa.Column("namespace_id", IDENTIFIER, nullable=False),
        *more,
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name=op.f(f"fk_{table}_namespace_id_namespaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
    )

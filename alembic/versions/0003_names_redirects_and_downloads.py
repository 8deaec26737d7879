"""Names of groups and projects, old paths that lead on, downloads, and SHA-1 digests

Events of a group or project that is deleted go up to a group above it, whose Owners read them.
"""

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
RELEASES_AT_ONCE = 5_000
RELEASE_ORDERS = {
    "created": ["created_at", "id", "project_id", "normalized_name", "version_key"],
    "name": ["normalized_name", "id", "project_id", "version_key"],
    "version": ["version_key", "id", "project_id", "normalized_name"],
    "project_created": ["project_id", "created_at", "id", "normalized_name", "version_key"],
    "project_name": ["project_id", "normalized_name", "id", "version_key"],
    "project_version": ["project_id", "version_key", "id", "normalized_name"],
}

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
    op.create_table(
        "last_identifiers",
        sa.Column("table_name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", name=op.f("pk_last_identifiers")),
    )
    _let_events_go(OR_ABOVE)
    _order_usage_counts("namespace_id", "package", "action", "day")
    _create_usage_totals()
    _order_releases()


def downgrade() -> None:
    for name in RELEASE_ORDERS:
        op.drop_index(f"ix_releases_{name}", "releases")
    for column in ("normalized_name", "version_key", "updated_at"):
        op.drop_column("releases", column)
    op.create_index("ix_releases_project_id_id", "releases", ["project_id", "id"])
    op.drop_table("usage_totals")
    _order_usage_counts("namespace_id", "package", "day", "action")
    _let_events_go("")
    op.drop_table("last_identifiers")
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
    """By id, which has an index: by version, each would be looked for among all releases."""
    releases = sa.table(
        "releases",
        sa.column("id", IDENTIFIER),
        sa.column("canonical_version", sa.Text),
        sa.column("version_key", sa.Text),
    )
    connection = op.get_bind()
    write = (
        sa.update(releases)
        .where(releases.c.id == sa.bindparam("of"))
        .values(version_key=sa.bindparam("key"))
    )
    after = 0
    while found := connection.execute(
        sa.select(releases.c.id, releases.c.canonical_version)
        .where(releases.c.id > after)
        .order_by(releases.c.id)
        .limit(RELEASES_AT_ONCE)
    ).all():
        connection.execute(
            write, [{"of": number, "key": version_key(version)} for number, version in found]
        )
        after = found[-1][0]

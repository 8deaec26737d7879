"""A number for changes of access: what reads compare to know that nothing has changed"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What decides who a caller is and what they may read, by table. Rows that are new take nothing
# from anybody, except where they come between others; when a token was used decides nothing.
WATCHED = {
    "users": ("username", "is_admin", "is_external", "blocked_at"),
    "tokens": (
        "kind",
        "digest",
        "name",
        "scopes",
        "user_id",
        "namespace_id",
        "username",
        "build_id",
        "expires_at",
        "revoked_at",
    ),
    "memberships": ("namespace_id", "user_id", "role", "expires_at"),
    "namespaces": (
        "kind",
        "parent_id",
        "path",
        "full_path",
        "full_path_key",
        "visibility",
        "packages_enabled",
        "packages_available",
        "anyone_can_pull",
        "pulls_open",
    ),
    "namespace_ancestors": ("namespace_id", "ancestor_id", "depth"),
    "instance_settings": ("packages_enabled", "anyone_can_pull_allowed"),
}
INSERTED = ("memberships", "namespace_ancestors")

# By lot: no number comes again with other rights, not even where a backup is put back.
DRAW_ON_SQLITE = "UPDATE access_serial SET value = random()"
DRAW_ON_POSTGRESQL = """
            UPDATE access_serial SET value =
                ('x' || left(replace(gen_random_uuid()::text, '-', ''), 16))::bit(64)::bigint"""
FUNCTION_OF_POSTGRESQL = f"""
    CREATE FUNCTION note_change_of_access() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('pyregistry.access_has_changed', true) IS DISTINCT FROM 'yes' THEN
            -- Until the transaction ends.
            PERFORM set_config('pyregistry.access_has_changed', 'yes', true);
            {DRAW_ON_POSTGRESQL};
        END IF;
        RETURN NULL;
    END
    $$
"""


def upgrade() -> None:
    table = op.create_table(
        "access_serial",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_serial")),
    )
    op.bulk_insert(table, [{"id": 1, "value": 0}])
    # For the next end of somebody's memberships, however many they have.
    op.create_index(
        op.f("ix_memberships_user_id_expires_at"), "memberships", ["user_id", "expires_at"]
    )
    if _is_postgresql():
        op.execute(FUNCTION_OF_POSTGRESQL)
        for name, columns in WATCHED.items():
            events = [*(["INSERT"] if name in INSERTED else []), "DELETE"]
            op.execute(
                f"CREATE CONSTRAINT TRIGGER {name}_change_access"
                f" AFTER {' OR '.join(events)} OR UPDATE OF {', '.join(columns)} ON {name}"
                " DEFERRABLE INITIALLY DEFERRED"
                " FOR EACH ROW EXECUTE FUNCTION note_change_of_access()"
            )
    else:
        for name, event, trigger in _triggers_of_sqlite():
            op.execute(
                f"CREATE TRIGGER {trigger} AFTER {event} ON {name} BEGIN {DRAW_ON_SQLITE}; END"
            )


def downgrade() -> None:
    if _is_postgresql():
        for name in WATCHED:
            op.execute(f"DROP TRIGGER {name}_change_access ON {name}")
        op.execute("DROP FUNCTION note_change_of_access()")
    else:
        for _, _, trigger in _triggers_of_sqlite():
            op.execute(f"DROP TRIGGER {trigger}")
    op.drop_index(op.f("ix_memberships_user_id_expires_at"), table_name="memberships")
    op.drop_table("access_serial")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _triggers_of_sqlite() -> list[tuple[str, str, str]]:
    """The table, the event and the name of each trigger: there a trigger has one event."""
    found = []
    for name, columns in WATCHED.items():
        events = {"deleted": "DELETE", "changed": f"UPDATE OF {', '.join(columns)}"}
        if name in INSERTED:
            events["inserted"] = "INSERT"
        found += [(name, event, f"{name}_{word}_changes_access") for word, event in events.items()]
    return found

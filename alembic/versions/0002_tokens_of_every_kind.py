"""Tokens of every kind, builds, trusted publishers, protection, and settings of the instance"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NAMESPACE_SWITCHES = ("packages_available", "pulls_open")
ADDED_TO_TOKENS = (
    "namespace_id",
    "username",
    "build_id",
    "minted_by_id",
    "trusted_publisher_id",
    "creator_id",
)

EVENT_TRIGGERS_OF_POSTGRESQL = (
    """
    CREATE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF (NEW.actor_id IS NULL OR NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id)
                AND (NEW.namespace_id IS NULL
                    OR NEW.namespace_id IS NOT DISTINCT FROM OLD.namespace_id)
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
    """,
    """
    CREATE TRIGGER events_are_kept BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_events()
    """,
    """
    CREATE TRIGGER events_are_not_truncated BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events()
    """,
)
EVENT_TRIGGERS_OF_SQLITE = (
    """
    CREATE TRIGGER events_are_not_changed BEFORE UPDATE OF
        id, occurred_at, action, actor_name, credential_kind, credential_name, address,
        user_agent, namespace_path, package, version, filename, details
    ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed or removed'); END
    """,
    """
    CREATE TRIGGER events_keep_their_ids BEFORE UPDATE OF actor_id, namespace_id ON events
    WHEN (NEW.actor_id IS NOT NULL AND NEW.actor_id IS NOT OLD.actor_id)
        OR (NEW.namespace_id IS NOT NULL AND NEW.namespace_id IS NOT OLD.namespace_id)
    BEGIN SELECT RAISE(ABORT, 'events are never changed or removed'); END
    """,
    """
    CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed or removed'); END
    """,
)


def upgrade() -> None:
    _create_instance_settings()
    _add_switches()
    _create_builds()
    _create_trusted_publishers()
    _create_protection()
    _widen_tokens()
    _index_events()
    _keep_events_as_they_are()


def downgrade() -> None:
    _let_events_change()
    for name in ("no_pull_namespace_id_id", "no_pull_id", "action_id"):
        op.drop_index(op.f(f"ix_events_{name}"), "events")
    _narrow_tokens()
    op.drop_table("reserved_prefix_projects")
    op.drop_table("reserved_prefixes")
    op.drop_table("protection_rules")
    op.drop_table("used_id_tokens")
    op.drop_table("trusted_publishers")
    op.drop_table("file_builds")
    op.drop_table("builds")
    for column in NAMESPACE_SWITCHES:
        op.drop_column("namespaces", column)
    # Without the mark they would be users like others, and have no password and no token.
    op.execute("DELETE FROM users WHERE is_bot")
    op.drop_column("users", "is_bot")
    op.drop_table("instance_settings")


def _index_events() -> None:
    op.create_index(op.f("ix_events_action_id"), "events", ["action", "id"], unique=False)
    no_pull = sa.text("action <> 'file.pulled'")
    for columns in (["id"], ["namespace_id", "id"]):
        op.create_index(
            op.f(f"ix_events_no_pull_{'_'.join(columns)}"),
            "events",
            columns,
            unique=False,
            sqlite_where=no_pull,
            postgresql_where=no_pull,
        )


def _keep_events_as_they_are() -> None:
    """Refuse every change of an event but one: the id of what is gone becomes NULL."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in EVENT_TRIGGERS_OF_POSTGRESQL if postgresql else EVENT_TRIGGERS_OF_SQLITE:
        op.execute(statement)


def _let_events_change() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for trigger in ("events_are_kept", "events_are_not_truncated"):
            op.execute(f"DROP TRIGGER {trigger} ON events")
        op.execute("DROP FUNCTION refuse_change_of_events")
        return
    for trigger in ("events_are_not_changed", "events_keep_their_ids", "events_are_not_removed"):
        op.execute(f"DROP TRIGGER {trigger}")


def _create_instance_settings() -> None:
    op.create_table(
        "instance_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("packages_enabled", sa.Boolean(), nullable=False),
        sa.Column("anyone_can_pull_allowed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance_settings")),
    )
    op.execute(
        "INSERT INTO instance_settings (id, packages_enabled, anyone_can_pull_allowed)"
        " VALUES (1, true, true)"
    )


def _add_switches() -> None:
    false = sa.text("false")
    op.add_column("users", sa.Column("is_bot", sa.Boolean(), nullable=False, server_default=false))
    for column in NAMESPACE_SWITCHES:
        op.add_column(
            "namespaces", sa.Column(column, sa.Boolean(), nullable=False, server_default=false)
        )
    op.execute(
        "UPDATE namespaces SET packages_available = packages_enabled, pulls_open = anyone_can_pull"
    )


def _create_builds() -> None:
    op.create_table(
        "builds",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("project_id", IDENTIFIER, nullable=False),
        sa.Column("pipeline_id", sa.String(length=255), nullable=True),
        sa.Column("pipeline_url", sa.Text(), nullable=True),
        sa.Column("job_id", sa.String(length=255), nullable=True),
        sa.Column("ref", sa.String(length=255), nullable=True),
        sa.Column("sha", sa.String(length=64), nullable=True),
        sa.Column("started_by", sa.String(length=255), nullable=True),
        sa.Column("source_repository", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("claims", sa.JSON(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        _reference("builds", "project_id", "namespaces", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_builds")),
    )
    op.create_index(op.f("ix_builds_project_id_id"), "builds", ["project_id", "id"], unique=False)
    op.create_table(
        "file_builds",
        sa.Column("file_id", IDENTIFIER, nullable=False),
        sa.Column("build_id", IDENTIFIER, nullable=False),
        _reference("file_builds", "file_id", "files", "CASCADE"),
        _reference("file_builds", "build_id", "builds", "CASCADE"),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_file_builds")),
    )
    op.create_index(op.f("ix_file_builds_build_id"), "file_builds", ["build_id"], unique=False)


def _create_trusted_publishers() -> None:
    op.create_table(
        "trusted_publishers",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("project_id", IDENTIFIER, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("creator_id", IDENTIFIER, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        _reference("trusted_publishers", "project_id", "namespaces", "CASCADE"),
        _reference("trusted_publishers", "creator_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trusted_publishers")),
        sa.UniqueConstraint(
            "project_id", "name", name=op.f("uq_trusted_publishers_project_id_name")
        ),
    )
    op.create_index(
        op.f("ix_trusted_publishers_issuer"), "trusted_publishers", ["issuer"], unique=False
    )
    op.create_table(
        "used_id_tokens",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used_id_tokens")),
    )
    op.create_index(
        op.f("ix_used_id_tokens_expires_at"), "used_id_tokens", ["expires_at"], unique=False
    )


def _create_protection() -> None:
    op.create_table(
        "protection_rules",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("project_id", IDENTIFIER, nullable=False),
        sa.Column("name_pattern", sa.String(length=255), nullable=False),
        sa.Column("push_level", sa.Integer(), nullable=True),
        sa.Column("delete_level", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "push_level IN (40, 50, 60)", name=op.f("ck_protection_rules_push_level")
        ),
        sa.CheckConstraint(
            "delete_level IN (40, 50, 60)", name=op.f("ck_protection_rules_delete_level")
        ),
        _reference("protection_rules", "project_id", "namespaces", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protection_rules")),
        sa.UniqueConstraint(
            "project_id", "name_pattern", name=op.f("uq_protection_rules_project_id_name_pattern")
        ),
    )
    op.create_table(
        "reserved_prefixes",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("group_id", IDENTIFIER, nullable=False),
        sa.Column("prefix", sa.String(length=255), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _reference("reserved_prefixes", "group_id", "namespaces", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reserved_prefixes")),
        sa.UniqueConstraint(
            "group_id", "prefix", name=op.f("uq_reserved_prefixes_group_id_prefix")
        ),
    )
    op.create_table(
        "reserved_prefix_projects",
        sa.Column("prefix_id", IDENTIFIER, nullable=False),
        sa.Column("project_id", IDENTIFIER, nullable=False),
        _reference("reserved_prefix_projects", "prefix_id", "reserved_prefixes", "CASCADE"),
        _reference("reserved_prefix_projects", "project_id", "namespaces", "CASCADE"),
        sa.PrimaryKeyConstraint(
            "prefix_id", "project_id", name=op.f("pk_reserved_prefix_projects")
        ),
    )
    op.create_index(
        op.f("ix_reserved_prefix_projects_project_id"),
        "reserved_prefix_projects",
        ["project_id"],
        unique=False,
    )


def _widen_tokens() -> None:
    # No other table refers to tokens: on SQLite the table can be made anew.
    with op.batch_alter_table("tokens") as batch:
        batch.alter_column("user_id", existing_type=IDENTIFIER, nullable=True)
        batch.add_column(sa.Column("namespace_id", IDENTIFIER, nullable=True))
        batch.add_column(sa.Column("username", sa.String(length=255), nullable=True))
        batch.add_column(sa.Column("build_id", IDENTIFIER, nullable=True))
        batch.add_column(sa.Column("minted_by_id", IDENTIFIER, nullable=True))
        batch.add_column(sa.Column("trusted_publisher_id", IDENTIFIER, nullable=True))
        batch.add_column(sa.Column("creator_id", IDENTIFIER, nullable=True))
        for column, table, ondelete in (
            ("namespace_id", "namespaces", "CASCADE"),
            ("build_id", "builds", "SET NULL"),
            ("minted_by_id", "tokens", "SET NULL"),
            ("trusted_publisher_id", "trusted_publishers", "SET NULL"),
            ("creator_id", "users", "SET NULL"),
        ):
            batch.create_foreign_key(
                op.f(f"fk_tokens_{column}_{table}"), table, [column], ["id"], ondelete=ondelete
            )
        batch.create_check_constraint(
            op.f("ck_tokens_has_an_owner"), "user_id IS NOT NULL OR namespace_id IS NOT NULL"
        )
    op.create_index(
        op.f("ix_tokens_namespace_id_kind_id"),
        "tokens",
        ["namespace_id", "kind", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_tokens_build_id"), "tokens", ["build_id"], unique=False)
    op.create_index(op.f("ix_tokens_minted_by_id"), "tokens", ["minted_by_id"], unique=False)
    op.create_index(
        op.f("ix_tokens_trusted_publisher_id"), "tokens", ["trusted_publisher_id"], unique=False
    )


def _narrow_tokens() -> None:
    # The schema before knows personal access tokens only.
    op.execute("DELETE FROM tokens WHERE kind <> 'personal_access_token'")
    for columns in ("namespace_id_kind_id", "build_id", "minted_by_id", "trusted_publisher_id"):
        op.drop_index(op.f(f"ix_tokens_{columns}"), "tokens")
    with op.batch_alter_table("tokens") as batch:
        batch.drop_constraint(op.f("ck_tokens_has_an_owner"), type_="check")
        for column, table in (
            ("namespace_id", "namespaces"),
            ("build_id", "builds"),
            ("minted_by_id", "tokens"),
            ("trusted_publisher_id", "trusted_publishers"),
            ("creator_id", "users"),
        ):
            batch.drop_constraint(op.f(f"fk_tokens_{column}_{table}"), type_="foreignkey")
        for column in ADDED_TO_TOKENS:
            batch.drop_column(column)
        batch.alter_column("user_id", existing_type=IDENTIFIER, nullable=False)


def _reference(table: str, column: str, to: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete=ondelete
    )

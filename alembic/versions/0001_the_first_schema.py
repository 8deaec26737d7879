"""The first schema"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_registry_serial()
    _create_users()
    _create_browser_sessions()
    _create_namespaces()
    _create_tokens()
    _create_events()
    _create_memberships()
    _create_namespace_ancestors()
    _create_packages()
    _create_usage_counts()
    _create_releases()
    _create_files()
    _create_file_metadata()
    op.execute("INSERT INTO registry_serial (id, value) VALUES (1, 0)")


def downgrade() -> None:
    op.drop_table("file_metadata")
    op.drop_table("files")
    op.drop_table("releases")
    op.drop_table("usage_counts")
    op.drop_table("packages")
    op.drop_table("namespace_ancestors")
    op.drop_table("memberships")
    op.drop_table("events")
    op.drop_table("tokens")
    op.drop_table("namespaces")
    op.drop_table("browser_sessions")
    op.drop_table("users")
    op.drop_table("registry_serial")


def _create_registry_serial() -> None:
    op.create_table(
        "registry_serial",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_serial")),
    )


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("username", sa.String(length=255), nullable=False),
        sa.Column("username_key", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("is_external", sa.Boolean(), nullable=False),
        sa.Column("blocked_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("username_key", name=op.f("uq_users_username_key")),
    )


def _create_browser_sessions() -> None:
    op.create_table(
        "browser_sessions",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("user_id", IDENTIFIER, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_browser_sessions_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_browser_sessions_digest")),
    )
    op.create_index(
        op.f("ix_browser_sessions_user_id"), "browser_sessions", ["user_id"], unique=False
    )


def _create_namespaces() -> None:
    op.create_table(
        "namespaces",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "group",
                "project",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", IDENTIFIER, nullable=True),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("full_path", sa.Text(), nullable=False),
        sa.Column("full_path_key", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum(
                "private",
                "internal",
                "public",
                name="visibility",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("packages_enabled", sa.Boolean(), nullable=False),
        sa.Column("anyone_can_pull", sa.Boolean(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("packages_count", sa.Integer(), nullable=False),
        sa.Column("files_count", sa.Integer(), nullable=False),
        sa.Column("storage_bytes", sa.BigInteger(), nullable=False),
        sa.Column("creator_id", IDENTIFIER, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind = 'group' OR parent_id IS NOT NULL",
            name=op.f("ck_namespaces_project_has_a_group"),
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"],
            ["users.id"],
            name=op.f("fk_namespaces_creator_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["namespaces.id"], name=op.f("fk_namespaces_parent_id_namespaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_namespaces")),
        sa.UniqueConstraint("full_path_key", name=op.f("uq_namespaces_full_path_key")),
    )
    op.create_index(op.f("ix_namespaces_parent_id"), "namespaces", ["parent_id"], unique=False)


def _create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("user_id", IDENTIFIER, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("last_used_address", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_tokens_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )
    op.create_index(op.f("ix_tokens_user_id"), "tokens", ["user_id"], unique=False)


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("actor_id", IDENTIFIER, nullable=True),
        sa.Column("actor_name", sa.String(length=255), nullable=True),
        sa.Column("credential_kind", sa.String(length=32), nullable=True),
        sa.Column("credential_name", sa.String(length=255), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=255), nullable=True),
        sa.Column("namespace_id", IDENTIFIER, nullable=True),
        sa.Column("namespace_path", sa.Text(), nullable=True),
        sa.Column("package", sa.String(length=255), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("filename", sa.String(length=255), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_events_actor_id_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name=op.f("fk_events_namespace_id_namespaces"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_actor_id_id"), "events", ["actor_id", "id"], unique=False)
    op.create_index(
        op.f("ix_events_namespace_id_id"), "events", ["namespace_id", "id"], unique=False
    )


def _create_memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("namespace_id", IDENTIFIER, nullable=False),
        sa.Column("user_id", IDENTIFIER, nullable=False),
        sa.Column("role", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("role IN (10, 20, 30, 40, 50)", name=op.f("ck_memberships_role")),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name=op.f("fk_memberships_namespace_id_namespaces"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_memberships_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    op.create_index(
        op.f("ix_memberships_namespace_id"), "memberships", ["namespace_id"], unique=False
    )
    op.create_index(
        op.f("ix_memberships_user_id_namespace_id"),
        "memberships",
        ["user_id", "namespace_id"],
        unique=True,
    )


def _create_namespace_ancestors() -> None:
    op.create_table(
        "namespace_ancestors",
        sa.Column("namespace_id", IDENTIFIER, nullable=False),
        sa.Column("ancestor_id", IDENTIFIER, nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ancestor_id"],
            ["namespaces.id"],
            name=op.f("fk_namespace_ancestors_ancestor_id_namespaces"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name=op.f("fk_namespace_ancestors_namespace_id_namespaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("namespace_id", "ancestor_id", name=op.f("pk_namespace_ancestors")),
    )
    op.create_index(
        op.f("ix_namespace_ancestors_ancestor_id_namespace_id"),
        "namespace_ancestors",
        ["ancestor_id", "namespace_id"],
        unique=False,
    )


def _create_packages() -> None:
    op.create_table(
        "packages",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("project_id", IDENTIFIER, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("normalized_name", sa.String(length=255), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "archived",
                "deprecated",
                "quarantined",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("latest_version", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("releases_count", sa.Integer(), nullable=False),
        sa.Column("files_count", sa.Integer(), nullable=False),
        sa.Column("storage_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["namespaces.id"], name=op.f("fk_packages_project_id_namespaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packages")),
        sa.UniqueConstraint(
            "project_id", "normalized_name", name=op.f("uq_packages_project_id_normalized_name")
        ),
    )
    op.create_index(
        op.f("ix_packages_normalized_name"), "packages", ["normalized_name"], unique=False
    )


def _create_usage_counts() -> None:
    op.create_table(
        "usage_counts",
        sa.Column("namespace_id", IDENTIFIER, nullable=False),
        sa.Column("package", sa.String(length=255), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name=op.f("fk_usage_counts_namespace_id_namespaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "namespace_id", "package", "day", "action", name=op.f("pk_usage_counts")
        ),
    )


def _create_releases() -> None:
    op.create_table(
        "releases",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("package_id", IDENTIFIER, nullable=False),
        sa.Column("project_id", IDENTIFIER, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("canonical_version", sa.Text(), nullable=False),
        sa.Column("yanked", sa.Boolean(), nullable=False),
        sa.Column("yanked_reason", sa.Text(), nullable=True),
        sa.Column("core_metadata", sa.JSON(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("description_html", sa.Text(), nullable=True),
        sa.Column("files_count", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("creator_id", IDENTIFIER, nullable=True),
        sa.ForeignKeyConstraint(
            ["creator_id"],
            ["users.id"],
            name=op.f("fk_releases_creator_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["package_id"], ["packages.id"], name=op.f("fk_releases_package_id_packages")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["namespaces.id"], name=op.f("fk_releases_project_id_namespaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint(
            "package_id", "canonical_version", name=op.f("uq_releases_package_id_canonical_version")
        ),
    )
    op.create_index(
        op.f("ix_releases_project_id_id"), "releases", ["project_id", "id"], unique=False
    )


def _create_files() -> None:
    op.create_table(
        "files",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("project_id", IDENTIFIER, nullable=False),
        sa.Column("package_id", IDENTIFIER, nullable=False),
        sa.Column("release_id", IDENTIFIER, nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("packagetype", sa.String(length=16), nullable=False),
        sa.Column("python_version", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("blake2b_256", sa.String(length=64), nullable=False),
        sa.Column("md5", sa.String(length=32), nullable=False),
        sa.Column("requires_python", sa.Text(), nullable=True),
        sa.Column("metadata_sha256", sa.String(length=64), nullable=True),
        sa.Column("storage", sa.String(length=16), nullable=False),
        sa.Column("uploaded_at", MOMENT, nullable=False),
        sa.Column("uploader_id", IDENTIFIER, nullable=True),
        sa.Column("uploader_name", sa.String(length=255), nullable=True),
        sa.Column("credential_kind", sa.String(length=32), nullable=True),
        sa.Column("credential_name", sa.String(length=255), nullable=True),
        sa.Column("uploaded_from", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(
            ["package_id"], ["packages.id"], name=op.f("fk_files_package_id_packages")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["namespaces.id"], name=op.f("fk_files_project_id_namespaces")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_files_release_id_releases")
        ),
        sa.ForeignKeyConstraint(
            ["uploader_id"],
            ["users.id"],
            name=op.f("fk_files_uploader_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint("project_id", "filename", name=op.f("uq_files_project_id_filename")),
    )
    op.create_index(op.f("ix_files_package_id_id"), "files", ["package_id", "id"], unique=False)
    op.create_index(op.f("ix_files_release_id"), "files", ["release_id"], unique=False)
    op.create_index(op.f("ix_files_sha256"), "files", ["sha256"], unique=False)


def _create_file_metadata() -> None:
    op.create_table(
        "file_metadata",
        sa.Column("file_id", IDENTIFIER, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["files.id"],
            name=op.f("fk_file_metadata_file_id_files"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_file_metadata")),
    )

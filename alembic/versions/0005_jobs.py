"""Jobs that workers do in the background"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STATES = ("queued", "running", "succeeded", "failed", "cancelled")
UNFINISHED_ALONE = sa.text("is_exclusive AND finished_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                *STATES,
                name=op.f("ck_jobs_state"),
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("is_exclusive", sa.Boolean(), nullable=False),
        sa.Column("period_at", MOMENT, nullable=True),
        sa.Column("user_id", IDENTIFIER, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("run_after", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim_number", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=255), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("cancel_requested_at", MOMENT, nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (state IN ('queued', 'running'))",
            name=op.f("ck_jobs_finished_has_a_time"),
        ),
        sa.CheckConstraint(
            "(lease_until IS NULL) = (state <> 'running')",
            name=op.f("ck_jobs_running_has_a_lease"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_jobs_user_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("kind", "period_at", name=op.f("uq_jobs_kind_period_at")),
    )
    op.create_index(
        "ix_jobs_unfinished_alone",
        "jobs",
        ["kind"],
        unique=True,
        sqlite_where=UNFINISHED_ALONE,
        postgresql_where=UNFINISHED_ALONE,
    )
    op.create_index(op.f("ix_jobs_state_run_after_id"), "jobs", ["state", "run_after", "id"])
    op.create_index(op.f("ix_jobs_finished_at"), "jobs", ["finished_at"])
    op.create_index(op.f("ix_jobs_user_id"), "jobs", ["user_id"])


def downgrade() -> None:
    op.drop_table("jobs")
    # Only SQLite keeps the last number there: the jobs of a schema that comes again begin anew.
    op.execute("DELETE FROM last_identifiers WHERE table_name = 'jobs'")

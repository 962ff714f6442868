"""Work that one machine at a time does, what became of it, and where a history came from."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_leases()
    _create_jobs()
    op.add_column(
        "histories",
        sa.Column("source", sa.Text(), nullable=False, server_default="given", comment="`given` or `gathered`"),
    )
    op.add_column(
        "histories",
        sa.Column("golden", sa.Text(), nullable=True, comment="which tickets judge and never teach; null: none"),
    )
    op.add_column(
        "histories",
        sa.Column("allowed_leakage", sa.Text(), nullable=True, comment="columns that were insisted on; null: none"),
    )


def downgrade() -> None:
    raise NotImplementedError("What became of jobs would be lost; restore a backup instead.")


def _create_leases() -> None:
    op.create_table(
        "leases",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="counts who held it: who has an older one lost it"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_leases_tenants"),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_leases"),
        sa.CheckConstraint("number >= 1", name="ck_leases_number"),
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False, comment="digest of what it works on"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Text(), nullable=False, comment="by step, what it left behind"),
        sa.Column("result", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_jobs_tenants"),
        sa.PrimaryKeyConstraint("tenant", "number", name="pk_jobs"),
        sa.CheckConstraint("number >= 1", name="ck_jobs_number"),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name="ck_jobs_state"),
    )
    op.create_index("ix_jobs_tenant_kind", "jobs", ["tenant", "kind"])

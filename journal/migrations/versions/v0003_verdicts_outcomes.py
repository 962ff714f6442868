"""What people say of answers, and what became of tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_verdicts()
    _create_outcomes()


def downgrade() -> None:
    raise NotImplementedError("Verdicts and outcomes would be lost; restore a backup instead.")


def _create_verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("verdict_id", sa.Text(), nullable=False, comment="digest of what is said: a repeat is no second row"),
        sa.Column("prediction_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True, comment="of the ticket, for erasing"),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when it was said"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False, comment="what is said"),
        sa.Column("via", sa.Text(), nullable=False, comment="the key that brought it, or a file"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_verdicts_tenants"),
        sa.PrimaryKeyConstraint("tenant", "verdict_id", name="pk_verdicts"),
    )
    for column in ("prediction_id", "ticket_id", "customer_id", "received_at"):
        op.create_index(f"ix_verdicts_tenant_{column}", "verdicts", ["tenant", column])


def _create_outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="of what is said: a repeat is no second row"),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when it was so"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False, comment="what is said"),
        sa.Column("via", sa.Text(), nullable=False, comment="the key that brought it, or a file"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_outcomes_tenants"),
        sa.PrimaryKeyConstraint("tenant", "digest", name="pk_outcomes"),
    )
    for column in ("ticket_id", "received_at"):
        op.create_index(f"ix_outcomes_tenant_{column}", "outcomes", ["tenant", column])

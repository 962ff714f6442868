"""What the watch found."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watch_reports",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when it was looked"),
        sa.Column("version", sa.Text(), nullable=False, comment="that was watched"),
        sa.Column("figures", sa.Text(), nullable=False, comment="numbers by name, for metrics"),
        sa.Column("report", sa.Text(), nullable=False, comment="all that was found"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_watch_reports_tenants"),
        sa.PrimaryKeyConstraint("tenant", "at", name="pk_watch_reports"),
    )


def downgrade() -> None:
    op.drop_table("watch_reports")

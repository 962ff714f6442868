"""Sessions of the console that were signed out of: a copy of their cookie opens nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_sessions",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="digest of what the session's cookie says"),
        sa.Column(
            "until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when its cookie opens nothing any more by itself",
        ),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_ended_sessions"),
        comment="sessions of the console that were signed out of",
    )
    op.create_index("ix_ended_sessions_until", "ended_sessions", ["until"])


def downgrade() -> None:
    raise NotImplementedError("Sessions that were ended would begin anew; restore a backup instead.")

"""What is worth asking people about, in which order, and whose turn it is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("prediction_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=True, comment="as suggested"),
        sa.Column("place", sa.Integer(), nullable=False, comment="the smallest is asked first"),
        sa.Column("worth", sa.Float(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False, comment="what makes it worth asking"),
        sa.Column("topic", sa.Text(), nullable=True, comment="of a burst that is one card"),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True, comment="whose turn it is, until `until`"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("passed_by", sa.Text(), nullable=False, comment="who left it to others"),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "prediction_id"],
            ["predictions.tenant", "predictions.prediction_id"],
            name="fk_questions_predictions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "prediction_id", name="pk_questions"),
        comment="goes with the prediction",
    )
    op.create_index("ix_questions_tenant_place", "questions", ["tenant", "place"])
    op.create_index("ix_questions_tenant_holder", "questions", ["tenant", "holder"])


def downgrade() -> None:
    raise NotImplementedError("Whose turn it is would be lost; restore a backup instead.")

"""What a challenger would have answered, beside what was."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shadow_predictions",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("prediction_id", sa.Text(), nullable=False, comment="of the answer that left the house"),
        sa.Column("version", sa.Text(), nullable=False, comment="the challenger's"),
        sa.Column(
            "answer", sa.Text(), nullable=False, comment="what it would have answered; its version is null: it failed"
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when it was scored in shadow"),
        sa.ForeignKeyConstraint(
            ["tenant", "prediction_id"],
            ["predictions.tenant", "predictions.prediction_id"],
            name="fk_shadow_predictions_predictions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "prediction_id", "version", name="pk_shadow_predictions"),
        comment="goes with the prediction",
    )
    op.create_index("ix_shadow_predictions_tenant_version", "shadow_predictions", ["tenant", "version"])


def downgrade() -> None:
    raise NotImplementedError("What challengers said would be lost; restore a backup instead.")

"""Keys that speak for one person, a person's own verdicts in order, and labels that are probably wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    person = sa.Column(
        "person", sa.Text(), nullable=True, comment="the one who may speak with it; null: nobody in particular"
    )
    op.add_column("keys", person)
    op.create_index("ix_verdicts_tenant_who_at", "verdicts", ["tenant", "who", "at"])
    op.create_table(
        "suspects",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False, comment="whose training found it last"),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("likely", sa.Text(), nullable=False),
        sa.Column("given_probability", sa.Float(), nullable=False),
        sa.Column("likely_probability", sa.Float(), nullable=False),
        sa.Column("quality", sa.Float(), nullable=False, comment="0 to 1, the lower the more suspect"),
        sa.Column(
            "decision", sa.Text(), nullable=True, comment="`kept`: the label is right, `wrong`: it is not; null: open"
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.CheckConstraint("decision IN ('kept', 'wrong')", name="ck_suspects_decision"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_suspects_tenants"),
        sa.PrimaryKeyConstraint("tenant", "head", "ticket_id", name="pk_suspects"),
        comment="labels that are probably wrong",
    )
    op.create_index("ix_suspects_tenant_quality", "suspects", ["tenant", "quality"])


def downgrade() -> None:
    raise NotImplementedError("Whose each key is would be lost; restore a backup instead.")

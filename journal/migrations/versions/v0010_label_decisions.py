"""Suspect labels with what a lead has to see of their tickets, and what leads decided in a table of its own.

What was decided before stays decided, and puts no label of a history right: nobody was told that it would.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LABEL = ("tenant", "head", "ticket_id", "given")
FOUND = (*LABEL, "version", "likely", "given_probability", "likely_probability", "quality")
OLD = sa.table(
    "suspects",
    *(sa.column(name) for name in (*FOUND, "decision", "decided_by")),
    sa.column("decided_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    connection = op.get_bind()
    before = [dict(row) for row in connection.execute(sa.select(OLD)).mappings()]
    op.drop_table("suspects")
    suspects, decisions = _suspects(), _decisions()
    found = [
        {**{name: row[name] for name in FOUND}, "found_at": sa.func.now()} for row in before if row["decision"] is None
    ]
    decided = [
        {
            **{name: row[name] for name in LABEL},
            "label": row["given"] if row["decision"] == "kept" else row["likely"],
            "decided_at": row["decided_at"],
            "decided_by": row["decided_by"],
        }
        for row in before
        if row["decision"] is not None
    ]
    for table, rows in ((suspects, found), (decisions, decided)):
        for row in rows:
            connection.execute(sa.insert(table).values(**row))


def _suspects() -> sa.Table:
    table = op.create_table(
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
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True, comment="of the ticket, for erasing"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "words", sa.Text(), nullable=True, comment="digest of the ticket's text; null: found by an older build"
        ),
        sa.Column("shown", sa.Text(), nullable=True, comment="what of the ticket is shown to whoever decides"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_suspects_tenants"),
        sa.PrimaryKeyConstraint("tenant", "head", "ticket_id", name="pk_suspects"),
        comment="labels that are probably wrong",
    )
    op.create_index("ix_suspects_tenant_quality", "suspects", ["tenant", "quality"])
    op.create_index("ix_suspects_tenant_customer_id", "suspects", ["tenant", "customer_id"])
    return table


def _decisions() -> sa.Table:
    table = op.create_table(
        "label_decisions",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False, comment="what the label was when it was decided on"),
        sa.Column("label", sa.Text(), nullable=False, comment="what is right; the same: it was"),
        sa.Column(
            "words", sa.Text(), nullable=True, comment="digest of the ticket's text; null: it puts no other label right"
        ),
        sa.Column("customer_id", sa.Text(), nullable=True, comment="of the ticket, for erasing"),
        sa.Column("prediction_id", sa.Text(), nullable=True, comment="of the answer that has the same as a final word"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_label_decisions_tenants"),
        sa.PrimaryKeyConstraint("tenant", "head", "ticket_id", name="pk_label_decisions"),
        comment="what leads decided of suspect labels",
    )
    op.create_index("ix_label_decisions_tenant_customer_id", "label_decisions", ["tenant", "customer_id"])
    return table


def downgrade() -> None:
    raise NotImplementedError("What leads decided would be lost; restore a backup instead.")

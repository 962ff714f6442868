"""The first tables: tenants, tickets as scored, predictions, promotions, settings, histories.

Promotions and settings are append-only: triggers refuse whatever else one tries.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("promotions", "settings")


def upgrade() -> None:
    _create_tenants()
    _create_histories()
    _create_promotions()
    _create_settings()
    _create_tickets()
    _create_predictions()
    for table in APPEND_ONLY:
        _refuse_changes(table)


def downgrade() -> None:
    raise NotImplementedError("There is nothing before the first tables; restore a backup instead.")


def _create_tenants() -> None:
    op.create_table(
        "tenants",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_tenants"),
    )
    now = datetime.now(UTC)
    columns = sa.table("tenants", sa.column("name", sa.Text), sa.column("created_at", sa.DateTime(timezone=True)))
    # SQLite has no zones: the journal keeps bare UTC there.
    op.bulk_insert(columns, [{"name": "default", "created_at": now.replace(tzinfo=None) if _is_sqlite() else now}])


def _create_histories() -> None:
    op.create_table(
        "histories",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False, comment="relative to POINTSMAN_HOME"),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("first_created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("label_rule", sa.Text(), nullable=True),
        sa.Column("desk_config", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("row_count >= 0", name="ck_histories_row_count"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_histories_tenants"),
        sa.PrimaryKeyConstraint("tenant", "digest", name="pk_histories"),
    )


def _create_promotions() -> None:
    op.create_table(
        "promotions",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, comment="until the next promotion's since"),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column(
            "returns_to", sa.Integer(), nullable=True, comment="a rollback: the number of the promotion it goes back to"
        ),
        sa.CheckConstraint("number >= 1", name="ck_promotions_number"),
        sa.CheckConstraint("returns_to < number", name="ck_promotions_returns_to"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_promotions_tenants"),
        sa.PrimaryKeyConstraint("tenant", "number", name="pk_promotions"),
        comment="append-only: triggers refuse UPDATE and DELETE",
    )


def _create_settings() -> None:
    op.create_table(
        "settings",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("revision >= 1", name="ck_settings_revision"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_settings_tenants"),
        sa.PrimaryKeyConstraint("tenant", "name", "revision", name="pk_settings"),
        comment="append-only: triggers refuse UPDATE and DELETE",
    )


def _create_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column(
            "digest", sa.Text(), nullable=False, comment="of `content`: a ticket scored twice as it was is one row"
        ),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False, comment="the ticket as scored"),
        sa.Column("first_scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_tickets_tenants"),
        sa.PrimaryKeyConstraint("tenant", "digest", name="pk_tickets"),
    )
    op.create_index("ix_tickets_tenant_customer_id", "tickets", ["tenant", "customer_id"])
    op.create_index("ix_tickets_tenant_ticket_id", "tickets", ["tenant", "ticket_id"])


def _create_predictions() -> None:
    op.create_table(
        "predictions",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("prediction_id", sa.Text(), nullable=False),
        sa.Column("ticket_digest", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=True, comment="null before there is a version"),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("latency_ms", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "ticket_digest"], ["tickets.tenant", "tickets.digest"], name="fk_predictions_tickets"
        ),
        sa.PrimaryKeyConstraint("tenant", "prediction_id", name="pk_predictions"),
    )
    op.create_index("ix_predictions_tenant_at", "predictions", ["tenant", "at"])
    op.create_index("ix_predictions_tenant_ticket_digest", "predictions", ["tenant", "ticket_digest"])


def _refuse_changes(table: str) -> None:
    if _is_sqlite():
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuses BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()"
    )


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")

"""What a prediction was asked with, API keys, answers kept for repeated requests, and people who were erased."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("predictions", sa.Column("request_id", sa.Text(), nullable=True))
    op.add_column(
        "predictions", sa.Column("asked", sa.Text(), nullable=True, comment="what was to be said beside the answer")
    )
    op.add_column(
        "predictions", sa.Column("basis", sa.Text(), nullable=True, comment="what of the settings the answer rests on")
    )
    _create_keys()
    _create_repeats()
    _create_erasures()


def downgrade() -> None:
    raise NotImplementedError("Keys and erasures would be lost; restore a backup instead.")


def _create_keys() -> None:
    op.create_table(
        "keys",
        sa.Column("key_id", sa.Text(), nullable=False, comment="the part of a key that may be shown"),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="keyed hash of the whole key"),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True, comment="requests; null: as the setting says"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.CheckConstraint("per_minute >= 1", name="ck_keys_per_minute"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_keys_tenants"),
        sa.PrimaryKeyConstraint("key_id", name="pk_keys"),
    )
    op.create_index("ix_keys_tenant", "keys", ["tenant"])


def _create_repeats() -> None:
    op.create_table(
        "repeats",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="digest of the caller's Idempotency-Key"),
        sa.Column("request", sa.Text(), nullable=False, comment="digest of method, route and body"),
        sa.Column("status", sa.Integer(), nullable=True, comment="null while the first request is under way"),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_repeats"),
    )
    op.create_index("ix_repeats_at", "repeats", ["at"])


def _create_erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False, comment="keyed hash of the customer's id"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False, comment="what was erased, and versions trained on it"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_erasures_tenants"),
        sa.PrimaryKeyConstraint("tenant", "customer", name="pk_erasures"),
    )

"""The journal's tables, in SQLAlchemy Core. Every row has a tenant.

Says what is kept and what must hold of it. Knows neither how a database is reached nor how it got its tables: that is
`journal/database.py` and `journal/migrations/`, and a test compares the migrated schema with this module.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

from journal.columns import Document, Moment

__all__ = [
    "DEFAULT_TENANT",
    "ended_sessions",
    "erasures",
    "histories",
    "jobs",
    "keys",
    "label_decisions",
    "leases",
    "metadata",
    "outcomes",
    "predictions",
    "promotions",
    "questions",
    "repeats",
    "settings",
    "shadow_predictions",
    "suspects",
    "tenants",
    "tickets",
    "verdicts",
    "watch_reports",
]

DEFAULT_TENANT = "default"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

tenants = Table(
    "tenants",
    metadata,
    Column("name", Text, primary_key=True),
    Column("created_at", Moment, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.name"), primary_key=True),
    Column("digest", Text, primary_key=True, comment="of `content`: a ticket scored twice as it was is one row"),
    Column("ticket_id", Text, nullable=False),
    Column("customer_id", Text, nullable=True),
    Column("content", Document, nullable=False, comment="the ticket as scored"),
    Column("first_scored_at", Moment, nullable=False),
    Index(None, "tenant", "ticket_id"),
    Index(None, "tenant", "customer_id"),
)

predictions = Table(
    "predictions",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("prediction_id", Text, primary_key=True),
    Column("ticket_digest", Text, nullable=False),
    Column("version", Text, nullable=True, comment="null before there is a version"),
    Column("answer", Document, nullable=False),
    Column("latency_ms", Float, nullable=False),
    Column("at", Moment, nullable=False),
    Column("request_id", Text, nullable=True),
    Column("asked", Document(or_empty=True), nullable=True, comment="what was to be said beside the answer"),
    Column("basis", Document(or_empty=True), nullable=True, comment="what of the settings the answer rests on"),
    ForeignKeyConstraint(["tenant", "ticket_digest"], ["tickets.tenant", "tickets.digest"]),
    Index(None, "tenant", "at"),
    Index(None, "tenant", "ticket_digest"),
)

shadow_predictions = Table(
    "shadow_predictions",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("prediction_id", Text, primary_key=True, comment="of the answer that left the house"),
    Column("version", Text, primary_key=True, comment="the challenger's"),
    Column("answer", Document, nullable=False, comment="what it would have answered; its version is null: it failed"),
    Column("at", Moment, nullable=False, comment="when it was scored in shadow"),
    ForeignKeyConstraint(
        ["tenant", "prediction_id"], ["predictions.tenant", "predictions.prediction_id"], ondelete="CASCADE"
    ),
    Index(None, "tenant", "version"),
    comment="goes with the prediction",
)

questions = Table(
    "questions",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("prediction_id", Text, primary_key=True),
    Column("ticket_id", Text, nullable=False),
    Column("queue", Text, nullable=True, comment="as suggested"),
    Column("place", Integer, nullable=False, comment="the smallest is asked first"),
    Column("worth", Float, nullable=False),
    Column("reasons", Document, nullable=False, comment="what makes it worth asking"),
    Column("topic", Text, nullable=True, comment="of a burst that is one card"),
    Column("prepared_at", Moment, nullable=False),
    Column("holder", Text, nullable=True, comment="whose turn it is, until `until`"),
    Column("until", Moment, nullable=True),
    Column("passed_by", Document, nullable=False, comment="who left it to others"),
    Column("settled_at", Moment, nullable=True),
    Column("settled_by", Text, nullable=True),
    ForeignKeyConstraint(
        ["tenant", "prediction_id"], ["predictions.tenant", "predictions.prediction_id"], ondelete="CASCADE"
    ),
    Index(None, "tenant", "place"),
    Index(None, "tenant", "holder"),
    comment="goes with the prediction",
)

promotions = Table(
    "promotions",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.name"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Text, nullable=False),
    Column("since", Moment, nullable=False, comment="until the next promotion's since"),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("returns_to", Integer, nullable=True, comment="a rollback: the number of the promotion it goes back to"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("returns_to < number", name="returns_to"),
    comment="append-only: triggers refuse UPDATE and DELETE",
)

settings = Table(
    "settings",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.name"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("value", Document, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
    CheckConstraint("revision >= 1", name="revision"),
    comment="append-only: triggers refuse UPDATE and DELETE",
)

histories = Table(
    "histories",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.name"), primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("path", Text, nullable=False, comment="relative to POINTSMAN_HOME"),
    Column("row_count", Integer, nullable=False),
    Column("first_created_at", Moment, nullable=True),
    Column("last_created_at", Moment, nullable=True),
    Column("label_rule", Text, nullable=True),
    Column("desk_config", Document, nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("source", Text, nullable=False, server_default="given", comment="`given` or `gathered`"),
    Column("golden", Document(or_empty=True), nullable=True, comment="which tickets judge and never teach; null: none"),
    Column(
        "allowed_leakage", Document(or_empty=True), nullable=True, comment="columns that were insisted on; null: none"
    ),
    CheckConstraint("row_count >= 0", name="row_count"),
)

keys = Table(
    "keys",
    metadata,
    Column("key_id", Text, primary_key=True, comment="the part of a key that may be shown"),
    Column("tenant", Text, ForeignKey("tenants.name"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, comment="keyed hash of the whole key"),
    Column("scopes", Document, nullable=False),
    Column("per_minute", Integer, nullable=True, comment="requests; null: as the setting says"),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Moment, nullable=True),
    Column("revoked_at", Moment, nullable=True),
    Column("revoked_by", Text, nullable=True),
    Column("person", Text, nullable=True, comment="the one who may speak with it; null: nobody in particular"),
    CheckConstraint("per_minute >= 1", name="per_minute"),
    Index(None, "tenant"),
)

ended_sessions = Table(
    "ended_sessions",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, primary_key=True, comment="digest of what the session's cookie says"),
    Column("until", Moment, nullable=False, comment="when its cookie opens nothing any more by itself"),
    Index(None, "until"),
    comment="sessions of the console that were signed out of",
)

repeats = Table(
    "repeats",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, primary_key=True, comment="digest of the caller's Idempotency-Key"),
    Column("request", Text, nullable=False, comment="digest of method, route and body"),
    Column("status", Integer, nullable=True, comment="null while the first request is under way"),
    Column("answer", Document(or_empty=True), nullable=True),
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.name"), primary_key=True),
    Column("customer", Text, primary_key=True, comment="keyed hash of the customer's id"),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("report", Document, nullable=False, comment="what was erased, and versions trained on it"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.name"), primary_key=True),
    Column("verdict_id", Text, primary_key=True, comment="digest of what is said: a repeat is no second row"),
    # No foreign key: the prediction may still be in the local log.
    Column("prediction_id", Text, nullable=False),
    Column("ticket_id", Text, nullable=False),
    Column("customer_id", Text, nullable=True, comment="of the ticket, for erasing"),
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False, comment="when it was said"),
    Column("received_at", Moment, nullable=False),
    Column("content", Document, nullable=False, comment="what is said"),
    Column("via", Text, nullable=False, comment="the key that brought it, or a file"),
    Index(None, "tenant", "prediction_id"),
    Index(None, "tenant", "ticket_id"),
    Index(None, "tenant", "customer_id"),
    Index(None, "tenant", "received_at"),
    Index(None, "tenant", "who", "at"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.name"), primary_key=True),
    Column("digest", Text, primary_key=True, comment="of what is said: a repeat is no second row"),
    Column("ticket_id", Text, nullable=False),
    Column("at", Moment, nullable=False, comment="when it was so"),
    Column("received_at", Moment, nullable=False),
    Column("content", Document, nullable=False, comment="what is said"),
    Column("via", Text, nullable=False, comment="the key that brought it, or a file"),
    Index(None, "tenant", "ticket_id"),
    Index(None, "tenant", "received_at"),
)

leases = Table(
    "leases",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.name"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("number", Integer, nullable=False, comment="counts who held it: who has an older one lost it"),
    Column("until", Moment, nullable=False),
    CheckConstraint("number >= 1", name="number"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.name"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False, comment="digest of what it works on"),
    Column("state", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=True),
    Column("done", Document, nullable=False, comment="by step, what it left behind"),
    Column("result", Document(or_empty=True), nullable=True),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("state IN ('running', 'done', 'failed')", name="state"),
    Index(None, "tenant", "kind"),
)

suspects = Table(
    "suspects",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.name"), primary_key=True),
    Column("head", Text, primary_key=True),
    Column("ticket_id", Text, primary_key=True),
    Column("version", Text, nullable=False, comment="whose training found it last"),
    Column("given", Text, nullable=False),
    Column("likely", Text, nullable=False),
    Column("given_probability", Float, nullable=False),
    Column("likely_probability", Float, nullable=False),
    Column("quality", Float, nullable=False, comment="0 to 1, the lower the more suspect"),
    Column("found_at", Moment, nullable=False),
    Column("customer_id", Text, nullable=True, comment="of the ticket, for erasing"),
    Column("opened_at", Moment, nullable=True),
    Column("words", Text, nullable=True, comment="digest of the ticket's text; null: found by an older build"),
    Column("shown", Document(or_empty=True), nullable=True, comment="what of the ticket is shown to whoever decides"),
    Index(None, "tenant", "quality"),
    Index(None, "tenant", "customer_id"),
    comment="labels that are probably wrong",
)

label_decisions = Table(
    "label_decisions",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.name"), primary_key=True),
    Column("head", Text, primary_key=True),
    Column("ticket_id", Text, primary_key=True),
    Column("given", Text, nullable=False, comment="what the label was when it was decided on"),
    Column("label", Text, nullable=False, comment="what is right; the same: it was"),
    Column("words", Text, nullable=True, comment="digest of the ticket's text; null: it puts no other label right"),
    Column("customer_id", Text, nullable=True, comment="of the ticket, for erasing"),
    Column("prediction_id", Text, nullable=True, comment="of the answer that has the same as a final word"),
    Column("decided_at", Moment, nullable=False),
    Column("decided_by", Text, nullable=False),
    Index(None, "tenant", "customer_id"),
    comment="what leads decided of suspect labels",
)

watch_reports = Table(
    "watch_reports",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.name"), primary_key=True),
    Column("at", Moment, primary_key=True, comment="when it was looked"),
    Column("version", Text, nullable=False, comment="that was watched"),
    Column("figures", Document, nullable=False, comment="numbers by name, for metrics"),
    Column("report", Document, nullable=False, comment="all that was found"),
)

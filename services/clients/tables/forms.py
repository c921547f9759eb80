"""Forms on sites, and what was written there, sealed."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database import Instant
from services.clients.tables.base import tables

contact_forms = Table(
    "contact_forms",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("branch_id", Uuid),
    Column("channel", Text, nullable=False),
    Column("origins", ARRAY(Text), nullable=False),
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("version", BigInteger, nullable=False),
)

enquiries = Table(
    "enquiries",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("client_id", Uuid, ForeignKey("clients.id"), nullable=False),
    Column("form_id", Uuid, ForeignKey("contact_forms.id"), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("known", Boolean, nullable=False),
    Column("said", LargeBinary, nullable=False),
    Column("done_by", Uuid),
    Column("done_at", Instant),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("(done_by IS NULL) = (done_at IS NULL)", name="done"),
    Index(None, "client_id", "id"),
    Index(None, "form_id", "received_at"),
)
Index("ix_enquiries_open", enquiries.c.id, postgresql_where=text("done_at IS NULL"))

"""Lists that were taken out: who asked, who decided, how often; which cards, while it can be taken."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import Instant
from services.clients.tables.base import tables

bulk_exports = Table(
    "bulk_exports",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("separator", Text, nullable=False),
    Column("columns", ARRAY(Text), nullable=False),
    Column("filter", JSONB, nullable=False),
    Column("reason", LargeBinary, nullable=False),  # sealed: people write names into such fields
    Column("branch_ids", ARRAY(Uuid)),  # what it is bound to; null is the whole chain
    Column("cards", Integer, nullable=False),
    Column("asked_by", Uuid, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("decided_by", Uuid),
    Column("decided_at", Instant),
    Column("downloads", Integer, nullable=False, server_default=text("0")),
    Column("taken_at", Instant),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("ended", Boolean, nullable=False, server_default=false()),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("state IN ('asked', 'approved', 'taken', 'refused')", name="state"),
    CheckConstraint("decided_at IS NOT NULL OR state = 'asked'", name="decided"),
    CheckConstraint("state <> 'taken' OR taken_at IS NOT NULL", name="taken"),
)

bulk_export_parts = Table(
    "bulk_export_parts",
    tables,
    Column("export_id", Uuid, ForeignKey("bulk_exports.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("client_ids", ARRAY(Uuid), nullable=False),
)

export_rules = Table(
    "export_rules",
    tables,
    Column("one", SmallInteger, primary_key=True, server_default="1"),
    Column("two_person", Boolean, nullable=False, server_default=true()),
    Column("downloads", Integer, nullable=False, server_default=text("1")),
    Column("locked", Boolean, nullable=False, server_default=false()),
    Column("version", BigInteger, nullable=False, server_default="1"),
    CheckConstraint("one = 1", name="one"),
    CheckConstraint("downloads > 0", name="downloads"),
)

"""Memberships: what is sold, what was sold, the counters of each, and its freezes."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import Instant
from services.loyalty.tables.base import loyalty_metadata

membership_types = Table(
    "membership_types",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("counters", JSONB, nullable=False),  # [{"visits": 10, "service_ids": […], "categories": […]}, …]
    Column("amount", BigInteger),
    Column("valid_days", Integer, nullable=False),
    Column("freeze_days", Integer, nullable=False),
    Column("branch_ids", ARRAY(Uuid), nullable=False),  # none: all of them
    Column("on_sale", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("name_key"),
)

# With the terms that it was sold on.
memberships = Table(
    "memberships",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("type_id", Uuid, ForeignKey("membership_types.id"), nullable=False),
    Column("client_id", Uuid, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("paid_by", Text, nullable=False),
    Column("sold_at", Instant, nullable=False),
    Column("sold_by", Uuid),
    Column("expires_at", Instant, nullable=False),
    Column("branch_ids", ARRAY(Uuid), nullable=False),
    Column("freeze_days", Integer, nullable=False),
    Column("frozen_days", Integer, nullable=False),  # used of them
    Column("entries", Integer, nullable=False),
    CheckConstraint("frozen_days BETWEEN 0 AND freeze_days", name="frozen_days"),
    Index(None, "client_id", "id"),
    Index(None, "expires_at"),
)

membership_counters = Table(
    "membership_counters",
    loyalty_metadata,
    Column("membership_id", Uuid, ForeignKey("memberships.id"), primary_key=True),
    Column("place", SmallInteger, primary_key=True, autoincrement=False),
    Column("unit", Text, nullable=False),
    Column("granted", BigInteger, nullable=False),
    Column("remaining", BigInteger, nullable=False),  # a trigger holds it to the sum of the entries
    Column("reserved", BigInteger, nullable=False),
    Column("service_ids", ARRAY(Uuid), nullable=False),
    Column("categories", ARRAY(Text), nullable=False),
    CheckConstraint("unit IN ('visits', 'money')", name="unit"),
    CheckConstraint("remaining BETWEEN 0 AND granted", name="remaining"),
    CheckConstraint("reserved BETWEEN 0 AND remaining", name="reserved"),
)

# Triggers let no row be changed or removed. `units` of a freeze are days, and of no counter.
membership_entries = Table(
    "membership_entries",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("membership_id", Uuid, ForeignKey("memberships.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("counter", SmallInteger),
    Column("units", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("author_id", Uuid),
    Column("appointment_id", Uuid),
    Column("cause", Text, nullable=False),
    UniqueConstraint("membership_id", "number"),
    UniqueConstraint("membership_id", "cause"),
    CheckConstraint("kind IN ('sold', 'used', 'given_back', 'expired', 'frozen', 'unfrozen')", name="kind"),
    CheckConstraint("(counter IS NULL) = (kind IN ('frozen', 'unfrozen'))", name="counter"),
)

membership_freezes = Table(
    "membership_freezes",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("membership_id", Uuid, ForeignKey("memberships.id"), nullable=False),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("days", Integer, nullable=False),
    CheckConstraint("ends >= starts", name="ends"),
    Index(None, "membership_id"),
)

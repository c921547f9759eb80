"""The copy of the graph and of the visits that count, programmes, and discounts with their versions."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Numeric, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database import Instant
from chassis.merged import merges_table
from services.loyalty.tables.base import loyalty_metadata

programmes = Table(
    "programmes",
    loyalty_metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("in_force_since", Instant, nullable=False),
    Column("tiers", JSONB, nullable=False),  # [{"people": 1, "percent": "3"}, …]
)

clients = Table(
    "clients",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),  # of the newest card that was heard of; 0 if only its erasure was
    Column("referrer_id", Uuid),  # as the card says, whether it holds or not
    Column("since", Instant),  # since when the card says so
    Column("refused", Text),  # why the referrer does not hold
    Column("home_branch_id", Uuid),
    Column("changed_at", Instant),
    Column("erased", Boolean, nullable=False),
    Index("ix_clients_referrer_id", "referrer_id"),
    Index("ix_clients_refused", "client_id", postgresql_where="refused IS NOT NULL"),
)

# Every referrer that a card has named, by the card's version: an edge of the graph is dated, and so is its end.
claims = Table(
    "claims",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("referrer_id", Uuid),
    Column("claimed_at", Instant, nullable=False),
    Index("ix_claims_referrer_id", "referrer_id"),
)

visits = Table(
    "visits",
    loyalty_metadata,
    Column("appointment_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("client_id", Uuid, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("revenue", BigInteger, nullable=False),  # minor units, refunds taken off
    Column("currency", Text, nullable=False),
    Column("qualifies", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_visits_client_id_changed_at", "client_id", "changed_at"),
    Index("ix_visits_qualifying", "client_id", postgresql_where="qualifies"),
)

# Where a client has or had an appointment: who of the staff may see them.
presences = Table(
    "presences",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("branch_id", Uuid, primary_key=True),
)

# Cards that became part of another, and of which by now. Copies are written under the id of that one.
merges = merges_table(loyalty_metadata)

discounts = Table(
    "discounts",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("percent", Numeric(5, 2), nullable=False),
    Column("parts", JSONB, nullable=False),
    Column("direct", Integer, nullable=False),
    Column("qualified", Integer, nullable=False),
    Column("as_of", Instant, nullable=False),
)

# The rule that a client's card has by now; `percent` is NULL where it has none any more. Bounds open and close by time.
personal_discounts = Table(
    "personal_discounts",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("percent", Numeric(5, 2)),
    Column("valid_from", Instant),
    Column("valid_until", Instant),
    Column("stated_at", Instant, nullable=False),
)

# What others were told last. It outlives a rebuild, so that versions never start again.
announcements = Table(
    "announcements",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("percent", Numeric(5, 2), nullable=False),
    Column("announced_at", Instant, nullable=False),
)

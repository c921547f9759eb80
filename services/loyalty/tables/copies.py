"""What follows from the facts: the graph as it is now, what visits were worth, discounts, and who was told of them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Numeric, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import Instant
from chassis.merged import merges_table
from services.loyalty.tables.base import loyalty_metadata

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
    Column("erased_at", Instant),
    Column("counts_since", Instant),  # since when they count for their referrer
    Column("flagged", Boolean, nullable=False, server_default="false"),  # somebody should look at the edge
    Index("ix_clients_doubtful", "since", "client_id", postgresql_where="refused IS NOT NULL OR flagged"),
    Index("ix_clients_referrer_id", "referrer_id"),
)

# The newest bill of each visit, for sums.
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

# Who came into or left a segment that something looks at, since when: their discount is yet to be told anew.
judgements_due = Table(
    "judgements_due",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("since", Instant, nullable=False),
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

# What holds at any visit, for those of whom something bears on it.
discounts = Table(
    "discounts",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("percent", Numeric(5, 2), nullable=False),
    Column("parts", JSONB, nullable=False),
    Column("direct", Integer, nullable=False),
    Column("qualified", Integer, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("by_branch", JSONB, nullable=False, server_default="[]"),  # [[branch, percent], …]
    Column("programme_version", Integer, nullable=False, server_default="0"),
)

# What loyalty gives each completed visit by all that was known of the time, whatever booking took off.
grants = Table(
    "grants",
    loyalty_metadata,
    Column("appointment_id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("completed_at", Instant, nullable=False),
    Column("currency", Text, nullable=False),
    Column("programme_version", Integer, nullable=False),
    Column("discount", BigInteger, nullable=False),  # minor units
    Column("applied", BigInteger, nullable=False),  # what booking took off the services
    Column("verdict", JSONB, nullable=False),
    Column("once", ARRAY(Text), nullable=False),  # what is given once, and was on this visit
    Column("budget", BigInteger, nullable=False),  # of the referrals' budget, minor units
    Column("promotions", ARRAY(Uuid), nullable=False),
    Column("difference", Text),  # why booking took off something else
    Index("ix_grants_client_id_completed_at", "client_id", "completed_at"),
    Index("ix_grants_promotions", "promotions", postgresql_using="gin"),
    Index("ix_grants_differing", "completed_at", "appointment_id", postgresql_where="difference IS NOT NULL"),
)

# What others were told last. It outlives a rebuild, so that versions never start again.
announcements = Table(
    "announcements",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("percent", Numeric(5, 2), nullable=False),
    Column("announced_at", Instant, nullable=False),
    Column("by_branch", JSONB, nullable=False, server_default="[]"),
)

# When a discount may become another one by time alone.
rejudgements = Table(
    "rejudgements",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("at", Instant, nullable=False),
    Index("ix_rejudgements_at", "at"),
)

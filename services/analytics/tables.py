"""Where it is kept: facts of visits, rollups of them by day, and a copy of who came through whom or what."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, Table, Text, UniqueConstraint, Uuid

from chassis.database import Instant, metadata
from chassis.merged import merges_table

analytics_metadata = metadata()

clients = Table(
    "clients",
    analytics_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("referrer_id", Uuid),
    Column("channel", Text),
    Column("channel_key", Text),  # the id of the source, or what its spellings have in common where none was told
    Column("registered_at", Instant, nullable=False),
    Column("root_key", Text),  # the channel at the root of the chain of referrers, kept for everybody below a change
    Index("ix_clients_referrer_id", "referrer_id"),
    Index("ix_clients_spelling", "channel_key", "registered_at", "client_id"),
)

# One row per completed visit, as its newest bill says.
visits = Table(
    "visits",
    analytics_metadata,
    Column("appointment_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("client_id", Uuid),
    Column("branch_id", Uuid, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("revenue", BigInteger, nullable=False),  # minor units: due, refunds taken off
    Column("currency", Text, nullable=False),
    Index("ix_visits_client_id_local_date", "client_id", "local_date", "appointment_id"),
)

# What a visit was for: its bill by service, category and master. Where and when stand here again, to be read alone.
# Nothing sums this up further: a visit with two services is one visit of their category, and a client of two masters
# is one client of the branch, so coarser figures cannot be added up from finer ones.
visit_parts = Table(
    "visit_parts",
    analytics_metadata,
    Column("appointment_id", Uuid, nullable=False),
    Column("service_id", Uuid),
    Column("category", Text),
    Column("master_id", Uuid),
    Column("local_date", Date, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("client_id", Uuid),
    Column("revenue", BigInteger, nullable=False),
    Index("ix_visit_parts_appointment_id", "appointment_id"),
    Index("ix_visit_parts_local_date", "local_date"),
)

# Visits and revenue of each client by day and branch; those without a card together.
client_days = Table(
    "client_days",
    analytics_metadata,
    Column("local_date", Date, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("client_id", Uuid),
    Column("visits", Integer, nullable=False),
    Column("revenue", BigInteger, nullable=False),
    UniqueConstraint(
        "local_date", "branch_id", "client_id", name="uq_client_days_key", postgresql_nulls_not_distinct=True
    ),
)

# The visit with which somebody became a client of the chain.
first_visits = Table(
    "first_visits",
    analytics_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("appointment_id", Uuid, nullable=False, unique=True),
    Column("local_date", Date, nullable=False),
    Column("branch_id", Uuid, nullable=False),
)

# Cards that became part of another, and of which by now. Facts are kept under the id of that one.
merges = merges_table(analytics_metadata)

# How the sources are called by now; cards know theirs by its id.
sources = Table(
    "sources",
    analytics_metadata,
    Column("source_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("channel", Text, nullable=False),
)

# What the events of other services make again: emptied, with inbox and positions, and filled by reading from 0.
derived = (clients, visits, visit_parts, client_days, first_visits, merges, sources)

"""Copies of who came through whom or what, and of which cards are one."""

from sqlalchemy import BigInteger, Column, Date, Index, SmallInteger, Table, Text, Uuid

from chassis.database import Instant
from chassis.merged import merges_table
from services.analytics.tables.base import analytics_metadata

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
    Column("sex", Text),
    Column("birth_band", SmallInteger),  # the first of the five years in which they were born
    Column("home_branch_id", Uuid),
    Index("ix_clients_referrer_id", "referrer_id"),
    Index("ix_clients_spelling", "channel_key", "registered_at", "client_id"),
)

# Cards that became part of another, and of which by now. Facts are kept under the id of that one.
merges = merges_table(analytics_metadata)

# How the sources are called by now; cards know theirs by its id.
sources = Table(
    "sources",
    analytics_metadata,
    Column("source_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("channel", Text),  # None: it was removed, and older news of it are of no use any more
)

# Whose traits are to be forgotten, whichever is told of first, them or the erasure.
erasures = Table("erasures", analytics_metadata, Column("client_id", Uuid, primary_key=True))

# What a source costs a month from the first of `month` on, until the next such row of it.
source_costs = Table(
    "source_costs",
    analytics_metadata,
    Column("source_id", Uuid, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("monthly", BigInteger, nullable=False),
)

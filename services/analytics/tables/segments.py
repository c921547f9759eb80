"""Segments as people saved them, who is in them, and about whom has to be decided again."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database import Instant
from services.analytics.tables.base import analytics_metadata

segments = Table(
    "segments",
    analytics_metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("document", JSONB, nullable=False),  # its filter in the normal form
    Column("branch_id", Uuid),  # None: of the chain
    Column("created_at", Instant, nullable=False),
    Column("created_by", Uuid),
    Column("changed_at", Instant, nullable=False),
    Column("members", Integer),
    Column("counted_at", Instant),  # when members were last looked at, some or all of them
    Column("decided_on", Date),  # the day for which all of them were decided; None: they have to be
    Column("judged_at", Instant),  # of which report of standings they were decided by
    Column("position", BigInteger, nullable=False),  # events about its members so far
)

segment_members = Table(
    "segment_members",
    analytics_metadata,
    Column("segment_id", Uuid, ForeignKey(segments.c.id, ondelete="CASCADE"), primary_key=True),
    Column("client_id", Uuid, primary_key=True),
    Index("ix_segment_members_client_id", "client_id"),
)

# Clients of whom something was told since segments were last looked at.
segments_due = Table("segments_due", analytics_metadata, Column("client_id", Uuid, primary_key=True))

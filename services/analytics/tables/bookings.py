"""Facts of every appointment, whatever became of it, and of what it takes of whom."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database import Instant
from services.analytics.tables.base import analytics_metadata

# One row per appointment as its newest event says; each instant is of the event that it is named after, None until
# that has come. Visits that were entered afterwards were never booked.
bookings = Table(
    "bookings",
    analytics_metadata,
    Column("appointment_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("client_id", Uuid),
    Column("branch_id", Uuid, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("minute", SmallInteger, nullable=False),  # of the start, on the branch's clock since its midnight
    Column("status", Text, nullable=False),
    Column("channel", Text),
    Column("late_minutes", Integer),
    Column("cancelled_by", Text),
    Column("series_id", Uuid),
    Column("group_event_id", Uuid),
    Column("overlap", Boolean, nullable=False),
    Column("booked_at", Instant),
    Column("arrived_at", Instant),
    Column("cancelled_at", Instant),
    Column("missed_at", Instant),
    Column("completed_at", Instant),
    Index("ix_bookings_client_id_starts", "client_id", "starts"),
    Index("ix_bookings_local_date", "local_date", "branch_id"),
)

# What appointments take of masters, rooms and equipment, in their order.
booked_segments = Table(
    "booked_segments",
    analytics_metadata,
    Column("appointment_id", Uuid, primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("branch_id", Uuid, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("service_id", Uuid, nullable=False),
    Column("master_id", Uuid, nullable=False),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("unit_ids", ARRAY(Uuid), nullable=False),
    Index("ix_booked_segments_local_date", "local_date", "branch_id"),
)

"""The waiting list and the freed times that it is offered; secret calendar feeds."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import Instant
from services.booking.tables.base import booking_metadata, id_column, to, version_column

waiting_entries = Table(
    "waiting_entries",
    booking_metadata,
    id_column(),
    to("branches"),
    Column("client_id", Uuid, nullable=False, index=True),
    Column("segments", JSONB, nullable=False),
    Column("earliest", Date, nullable=False),
    Column("latest", Date, nullable=False),
    Column("times", JSONB, nullable=False, server_default="[]"),
    Column("status", Text, nullable=False, server_default="waiting"),
    Column("created_at", Instant, nullable=False),
    Column("hold_id", Uuid, ForeignKey("holds.id", ondelete="SET NULL"), index=True),  # the offer that is open
    Column("opening_id", Uuid),  # from which the offer came
    Column("offers_made", Integer, nullable=False, server_default="0"),
    to("appointments", nullable=True),
    version_column(),
    CheckConstraint("status IN ('waiting', 'offered', 'booked', 'expired', 'cancelled')", name="status"),
    CheckConstraint("earliest <= latest", name="dates"),
    Index("ix_waiting_entries_branch_id_status_created_at", "branch_id", "status", "created_at"),
)

# Freed time that may be offered; written by whatever frees it, worked off one after another.
openings = Table(
    "openings",
    booking_metadata,
    id_column(),
    to("branches"),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False, index=True),
    Column("freed_at", Instant, nullable=False),
    Column("passed_by", ARRAY(Uuid), nullable=False, server_default="{}"),  # entries that had their turn
    # Nobody else fits, but what was offered of it may come back.
    Column("worked_off", Boolean, nullable=False, server_default="false"),
)

feeds = Table(
    "feeds",
    booking_metadata,
    id_column(),
    Column("content", Text, nullable=False),
    to("masters", nullable=True, index=True),
    to("branches", nullable=True, index=True),
    Column("branch_ids", ARRAY(Uuid)),  # of a master's: shows these only, all where it is null
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    version_column(),
    CheckConstraint("num_nonnulls(master_id, branch_id) = 1", name="one_of_both"),
    CheckConstraint("content IN ('appointments', 'shifts', 'both')", name="content"),
)

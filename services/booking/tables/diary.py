"""Who is busy when, and by what: appointments, holds, blocks and group events share one table and its constraint."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, ExcludeConstraint

from chassis.database import Instant
from services.booking.tables.base import booking_metadata, id_column, to, version_column

holds = Table(
    "holds",
    booking_metadata,
    id_column(),
    to("branches"),
    Column("client_id", Uuid),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("plan", JSONB, nullable=False),  # the segments as they were placed
    Column("expires_at", Instant, nullable=False, index=True),
)

group_events = Table(
    "group_events",
    booking_metadata,
    id_column(),
    to("branches"),
    to("services"),
    to("masters", index=True),
    Column("unit_ids", ARRAY(Uuid), nullable=False, server_default="{}"),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("before", Integer, nullable=False),
    Column("after", Integer, nullable=False),
    Column("phases", JSONB, nullable=False, server_default="[]"),
    Column("service_version", BigInteger, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("cost", BigInteger),
    Column("currency", String(3), nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("places_left", Integer, nullable=False),
    Column("status", Text, nullable=False, server_default="planned"),
    Column("changed_at", Instant, nullable=False),  # when it got its version
    version_column(),
    CheckConstraint("status IN ('planned', 'cancelled')", name="status"),
    CheckConstraint("starts < ends", name="time"),
    CheckConstraint("places_left BETWEEN 0 AND capacity", name="places_left"),
    Index("ix_group_events_branch_id_starts", "branch_id", "starts"),
)

busy = Table(
    "busy",
    booking_metadata,
    id_column(),
    to("appointments", nullable=True, index=True),
    Column("hold_id", Uuid, ForeignKey("holds.id", ondelete="CASCADE"), index=True),
    to("blocks", nullable=True, index=True),
    to("group_events", nullable=True, index=True),
    Column("resource_kind", Text, nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("place", SmallInteger, nullable=False, server_default="0"),  # of a room that takes several at once
    Column("during", TSTZRANGE, nullable=False),
    Column("lane", SmallInteger, nullable=False, server_default="0"),  # above 0: put over others by right
    Column("expires_at", Instant),  # of a hold
    CheckConstraint("resource_kind IN ('master', 'room', 'client')", name="resource_kind"),
    CheckConstraint("lane >= 0", name="lane"),
    CheckConstraint("place >= 0", name="place"),
    CheckConstraint("num_nonnulls(appointment_id, hold_id, block_id, group_event_id) = 1", name="one_owner"),
    CheckConstraint("(expires_at IS NULL) = (hold_id IS NULL)", name="expires_at"),
    ExcludeConstraint(
        ("resource_id", "="), ("place", "="), ("lane", "="), ("during", "&&"), name="nobody_twice_at_once"
    ),
)

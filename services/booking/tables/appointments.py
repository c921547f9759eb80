"""Appointments with their segments, bills and history."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import Instant
from services.booking.tables.base import booking_metadata, id_column, to, version_column

STATUSES = ("booked", "confirmed", "arrived", "completed", "cancelled", "no_show")

series = Table(
    "series",
    booking_metadata,
    id_column(),
    to("branches"),
    Column("client_id", Uuid, nullable=False, index=True),
    Column("starts", Instant, nullable=False),
    Column("rule", JSONB, nullable=False),
    Column("segments", JSONB, nullable=False),
    Column("left_out", JSONB, nullable=False, server_default="[]"),
    Column("channel", Text),
    Column("split_from", Uuid, ForeignKey("series.id")),
    Column("changed_at", Instant, nullable=False),  # when it got its version
    Column("gone", BigInteger, nullable=False, server_default="0"),  # versions of the appointments that have left it
    version_column(),
)

appointments = Table(
    "appointments",
    booking_metadata,
    id_column(),
    to("branches"),
    Column("client_id", Uuid),
    Column("status", Text, nullable=False),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("channel", Text),
    Column("currency", String(3), nullable=False),
    Column("percent", Numeric(5, 2), nullable=False),
    Column("discount_as_of", Instant),
    Column("discount_source", Text, nullable=False, server_default="none"),
    Column("programme_version", BigInteger),
    Column("codes", ARRAY(Text), nullable=False, server_default="{}"),  # of promotions, as they were given
    Column("verdict", JSONB, nullable=False, server_default="{}"),  # parts of the discount, gifts and offers, in words
    Column("comment", LargeBinary),  # sealed, as is `reason`
    Column("reason", LargeBinary),
    Column("health", LargeBinary),  # what the guard said, sealed; null where no service was marked
    Column("reference", Text, unique=True),
    Column("series_id", Uuid, ForeignKey("series.id")),
    Column("occurrence", Instant),  # the start by the rule of the series
    to("group_events", nullable=True, index=True),
    Column("overlap", Boolean, nullable=False, server_default="false"),
    Column("arrived_at", Instant),
    Column("expected_at", Instant),  # the start when the client came: a later move makes nobody less late
    Column("cancelled_by", Text),
    Column("completed_at", Instant),
    Column("hold_id", Uuid, unique=True),  # that was used up: a hold is booked once
    Column("key_hash", LargeBinary, unique=True),  # of the secret link for somebody without an account
    version_column(),
    CheckConstraint("status IN ('booked', 'confirmed', 'arrived', 'completed', 'cancelled', 'no_show')", name="status"),
    CheckConstraint("starts <= ends", name="time"),
    CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    CheckConstraint(
        "discount_source IN ('loyalty', 'promise', 'copy', 'recorded', 'none')",
        name="discount_source",
    ),
    CheckConstraint("(series_id IS NULL) = (occurrence IS NULL)", name="occurrence"),
    CheckConstraint("(arrived_at IS NULL) = (expected_at IS NULL)", name="arrived"),
    CheckConstraint("cancelled_by IN ('client', 'staff', 'erasure')", name="cancelled_by"),
    UniqueConstraint("series_id", "occurrence"),
    Index("ix_appointments_starts_id", "starts", "id"),
    Index("ix_appointments_branch_id_starts_id", "branch_id", "starts", "id"),
    Index("ix_appointments_client_id_starts_id", "client_id", "starts", "id"),
)


def _of_appointment() -> tuple[Column[object], Column[object]]:
    return (
        Column("appointment_id", Uuid, ForeignKey("appointments.id"), nullable=False, index=True),
        Column("position", SmallInteger, nullable=False),
    )


segments = Table(
    "segments",
    booking_metadata,
    id_column(),
    *_of_appointment(),
    to("services"),
    to("masters"),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("cost", BigInteger),
    Column("before", Integer, nullable=False),  # buffers in minutes, as they were when it was booked
    Column("after", Integer, nullable=False),
    Column("phases", JSONB, nullable=False, server_default="[]"),
    Column("service_version", BigInteger),  # of the catalogue when it was booked
    Column("parallel", Boolean, nullable=False, server_default="false"),  # begins together with the one before it
    Column("unit_ids", ARRAY(Uuid), nullable=False, server_default="{}"),  # rooms and equipment; `room_id` is the first
    to("rooms", nullable=True),
    Index("ix_segments_master_id_starts", "master_id", "starts"),
)

lines = Table(
    "lines",
    booking_metadata,
    id_column(),
    *_of_appointment(),
    Column("kind", Text, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("discount", BigInteger, nullable=False),
    Column("percent", Numeric, nullable=False, server_default="0"),  # that the discount was made of
    Column("refunded", BigInteger, nullable=False),
    Column("cost", BigInteger),
    Column("segment_id", Uuid, ForeignKey("segments.id"), index=True),
    to("services", nullable=True),
    to("masters", nullable=True),
    Column("text", Text),
    CheckConstraint("kind IN ('service', 'retail', 'adjustment')", name="kind"),
    CheckConstraint("discount >= 0", name="discount"),
    CheckConstraint("refunded = 0 OR refunded BETWEEN 0 AND price - discount", name="refunded"),
)

payments = Table(
    "payments",
    booking_metadata,
    id_column(),
    *_of_appointment(),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("refund", Boolean, nullable=False),
    Column("reservation_id", Uuid),  # where loyalty has set aside what is not money
    Column("line_id", Uuid, ForeignKey("lines.id")),  # that a membership pays, and nothing else
    CheckConstraint(
        "kind IN ('cash', 'card', 'transfer', 'online', 'other', 'points', 'certificate', 'membership')", name="kind"
    ),
    CheckConstraint("NOT refund OR amount < 0", name="refund"),
)

refunds = Table(
    "refunds",
    booking_metadata,
    id_column(),
    Column("line_id", Uuid, ForeignKey("lines.id"), nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("refunded_at", Instant, nullable=False),
    CheckConstraint("amount > 0", name="amount"),
)

history = Table(
    "history",
    booking_metadata,
    Column("appointment_id", Uuid, ForeignKey("appointments.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("caller", Text, nullable=False),  # a user's id or a service's name
    Column("change", Text, nullable=False),
    Column("reason", LargeBinary),  # sealed
    Column("details", JSONB),  # old and new, ids and instants only
)

"""Where booking keeps things: the salon, appointments with their bills, who is busy, copies of what others said."""

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
    Uuid,
    column,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from chassis.database import Instant, metadata

booking_metadata = metadata()

STATUSES = ("booked", "confirmed", "arrived", "completed", "cancelled", "no_show")


def _id() -> Column[object]:
    return Column("id", Uuid, primary_key=True)


def _version() -> Column[object]:
    return Column("version", BigInteger, nullable=False, server_default="1")


def _to(target: str, *, nullable: bool = False, index: bool = False) -> Column[object]:
    name = target.removesuffix("s").removesuffix("e") if target == "branches" else target.removesuffix("s")
    return Column(f"{name}_id", Uuid, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


settings = Table(
    "settings",
    booking_metadata,
    Column("one", SmallInteger, primary_key=True, server_default="1", autoincrement=False),
    Column("currency", String(3)),
    _version(),
    CheckConstraint("one = 1", name="one"),
)

# --- the salon ------------------------------------------------------------------------------------------------------

branches = Table(
    "branches",
    booking_metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("address", Text),
    Column("opening_hours", JSONB, nullable=False, server_default="[]"),
    _version(),
)

rooms = Table(
    "rooms",
    booking_metadata,
    _id(),
    _to("branches", index=True),
    Column("name", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    _version(),
    CheckConstraint("capacity > 0", name="capacity"),
)

services = Table(
    "services",
    booking_metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("duration_minutes", Integer, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("cost", BigInteger),
    Column("currency", String(3), nullable=False),
    Column("buffer_before_minutes", Integer, nullable=False),
    Column("buffer_after_minutes", Integer, nullable=False),
    Column("bookable_online", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    _version(),
    CheckConstraint("duration_minutes > 0", name="duration"),
    CheckConstraint("price >= 0 AND cost >= 0", name="price"),
    CheckConstraint("buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", name="buffers"),
)

masters = Table(
    "masters",
    booking_metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("user_id", Uuid, unique=True),
    Column("active", Boolean, nullable=False),
    _version(),
)

master_services = Table(
    "master_services",
    booking_metadata,
    Column("master_id", Uuid, ForeignKey("masters.id"), primary_key=True),
    Column("service_id", Uuid, ForeignKey("services.id"), primary_key=True, index=True),
    Column("position", SmallInteger, nullable=False),
)

shifts = Table(
    "shifts",
    booking_metadata,
    _id(),
    _to("masters"),
    _to("branches"),
    Column("day", Date, nullable=False),
    Column("starts", SmallInteger, nullable=False),  # minutes after midnight on the branch's wall clock
    Column("ends", SmallInteger, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="clock"),
    CheckConstraint("starts_at < ends_at", name="instants"),
    ExcludeConstraint(
        (column("master_id"), "="),
        (func.tstzrange(column("starts_at"), column("ends_at")), "&&"),
        name="no_two_shifts_at_once",
    ),
    Index("ix_shifts_branch_id_ends_at", "branch_id", "ends_at"),
    Index("ix_shifts_master_id_day", "master_id", "day"),
)

# --- appointments and their bills -----------------------------------------------------------------------------------

appointments = Table(
    "appointments",
    booking_metadata,
    _id(),
    _to("branches"),
    Column("client_id", Uuid),
    Column("status", Text, nullable=False),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("channel", Text),
    Column("currency", String(3), nullable=False),
    Column("percent", Numeric(5, 2), nullable=False),
    Column("discount_as_of", Instant),
    Column("comment", LargeBinary),  # sealed, as is `reason`
    Column("reason", LargeBinary),
    Column("reference", Text, unique=True),
    _version(),
    CheckConstraint("status IN ('booked', 'confirmed', 'arrived', 'completed', 'cancelled', 'no_show')", name="status"),
    CheckConstraint("starts <= ends", name="time"),
    CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
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
    _id(),
    *_of_appointment(),
    _to("services"),
    _to("masters"),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("before", Integer, nullable=False),  # buffers in minutes, as they were when it was booked
    Column("after", Integer, nullable=False),
    _to("rooms", nullable=True),
    Index("ix_segments_master_id_starts", "master_id", "starts"),
)

lines = Table(
    "lines",
    booking_metadata,
    _id(),
    *_of_appointment(),
    Column("kind", Text, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("discount", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("segment_id", Uuid, ForeignKey("segments.id"), index=True),
    _to("services", nullable=True),
    _to("masters", nullable=True),
    Column("text", Text),
    CheckConstraint("kind IN ('service', 'retail', 'adjustment')", name="kind"),
    CheckConstraint("discount >= 0", name="discount"),
    CheckConstraint("refunded = 0 OR refunded BETWEEN 0 AND price - discount", name="refunded"),
)

payments = Table(
    "payments",
    booking_metadata,
    _id(),
    *_of_appointment(),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("refund", Boolean, nullable=False),
    CheckConstraint("kind IN ('cash', 'card', 'transfer', 'online', 'other')", name="kind"),
    CheckConstraint("NOT refund OR amount < 0", name="refund"),
)

refunds = Table(
    "refunds",
    booking_metadata,
    _id(),
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
)

# --- who is busy when -----------------------------------------------------------------------------------------------

busy = Table(
    "busy",
    booking_metadata,
    _id(),
    Column("appointment_id", Uuid, ForeignKey("appointments.id"), nullable=False, index=True),
    Column("resource_kind", Text, nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    Column("lane", SmallInteger, nullable=False, server_default="0"),
    CheckConstraint("resource_kind IN ('master', 'room', 'client')", name="resource_kind"),
    CheckConstraint("lane >= 0", name="lane"),
    ExcludeConstraint(("resource_id", "="), ("lane", "="), ("during", "&&"), name="nobody_twice_at_once"),
)

# --- copies of what others announced --------------------------------------------------------------------------------

known_clients = Table(
    "known_clients",
    booking_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("erased", Boolean, nullable=False),
)

discounts = Table(
    "discounts",
    booking_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("percent", Numeric(5, 2), nullable=False),
    Column("as_of", Instant, nullable=False),
)

derived = (known_clients, discounts)

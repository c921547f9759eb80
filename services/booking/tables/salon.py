"""What the salon is: settings, branches, rooms, the catalogue, the masters.

Every change of one of these tables gives `catalogue_state` a new version (by a trigger), so that what is remembered of
them can be told from what holds.
"""

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
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql import column

from services.booking.tables.base import booking_metadata, id_column, to, version_column

settings = Table(
    "settings",
    booking_metadata,
    Column("one", SmallInteger, primary_key=True, server_default="1", autoincrement=False),
    Column("currency", String(3)),
    Column("name", Text),
    Column("logo_id", Uuid, ForeignKey("pictures.id")),
    Column("colour", String(7)),
    version_column(),
    CheckConstraint("one = 1", name="one"),
    CheckConstraint("colour ~ '^#[0-9a-f]{6}$'", name="colour"),
)

catalogue_state = Table(
    "catalogue_state",
    booking_metadata,
    Column("one", SmallInteger, primary_key=True, server_default="1", autoincrement=False),
    version_column(),  # out of a sequence: never the same twice, not even after a rollback
    CheckConstraint("one = 1", name="one"),
)

branches = Table(
    "branches",
    booking_metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("address", Text),
    Column("opening_hours", JSONB, nullable=False, server_default="[]"),
    Column("policy", JSONB, nullable=False, server_default="{}"),
    version_column(),
)

holidays = Table(
    "holidays",
    booking_metadata,
    id_column(),
    to("branches"),
    Column("day", Date, nullable=False),
    Column("name", Text, nullable=False),
    Column("opens", SmallInteger),  # minutes after midnight on the branch's wall clock; closed all day without them
    Column("closes", SmallInteger),
    version_column(),
    UniqueConstraint("branch_id", "day"),
    CheckConstraint("(opens IS NULL) = (closes IS NULL)", name="both"),
    CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name="clock"),
)

rooms = Table(
    "rooms",
    booking_metadata,
    id_column(),
    to("branches", index=True),
    Column("name", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("kind", Text, nullable=False, server_default="room"),
    Column("hours", JSONB, nullable=False, server_default="[]"),
    Column("active", Boolean, nullable=False, server_default="true"),
    version_column(),
    CheckConstraint("capacity > 0", name="capacity"),
)

# --- the catalogue --------------------------------------------------------------------------------------------------

pictures = Table(
    "pictures",
    booking_metadata,
    id_column(),
    Column("media_type", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("small", LargeBinary),  # None: from before there were small ones
)

categories = Table(
    "categories",
    booking_metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False, server_default="0"),
    to("pictures", nullable=True),
    version_column(),
    Index("uq_categories_name", func.lower(column("name")), unique=True),
)

services = Table(
    "services",
    booking_metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("duration_minutes", Integer, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("price_max", BigInteger),
    Column("cost", BigInteger),
    Column("currency", String(3), nullable=False),
    Column("buffer_before_minutes", Integer, nullable=False),
    Column("buffer_after_minutes", Integer, nullable=False),
    Column("bookable_online", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("description", Text),
    to("pictures", nullable=True),
    Column("phases", JSONB, nullable=False, server_default="[]"),
    Column("room_kinds", ARRAY(Text), nullable=False, server_default="{}"),
    Column("capacity", Integer, nullable=False, server_default="1"),
    Column("repeat_days", Integer),
    Column("policy", JSONB, nullable=False, server_default="{}"),
    Column("contraindications", JSONB, nullable=False, server_default="[]"),
    version_column(),
    CheckConstraint("duration_minutes > 0", name="duration"),
    CheckConstraint("price >= 0 AND cost >= 0", name="price"),
    CheckConstraint("price_max >= price", name="price_max"),
    CheckConstraint("buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", name="buffers"),
    CheckConstraint("capacity > 0", name="capacity"),
    CheckConstraint("repeat_days > 0", name="repeat_days"),
)

branch_prices = Table(
    "branch_prices",
    booking_metadata,
    Column("service_id", Uuid, ForeignKey("services.id"), primary_key=True),
    Column("branch_id", Uuid, ForeignKey("branches.id"), primary_key=True),
    Column("price", BigInteger),
    Column("price_max", BigInteger),
    Column("offered", Boolean, nullable=False),
    CheckConstraint("price >= 0 AND price_max >= price", name="price"),
)

# --- the masters ----------------------------------------------------------------------------------------------------

masters = Table(
    "masters",
    booking_metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("user_id", Uuid, unique=True),
    Column("active", Boolean, nullable=False),
    Column("bookable_online", Boolean, nullable=False, server_default="true"),
    Column("permits", JSONB, nullable=False, server_default="[]"),
    to("pictures", nullable=True),
    version_column(),
)

master_services = Table(
    "master_services",
    booking_metadata,
    Column("master_id", Uuid, ForeignKey("masters.id"), primary_key=True),
    Column("service_id", Uuid, ForeignKey("services.id"), primary_key=True, index=True),
    Column("position", SmallInteger, nullable=False),
    Column("duration_minutes", Integer),  # as the service says where it is null, as are the others
    Column("price", BigInteger),
    Column("buffer_before_minutes", Integer),
    Column("buffer_after_minutes", Integer),
    CheckConstraint("duration_minutes > 0", name="duration"),
    CheckConstraint("price >= 0", name="price"),
    CheckConstraint("buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", name="buffers"),
)

master_rooms = Table(
    "master_rooms",
    booking_metadata,
    Column("master_id", Uuid, ForeignKey("masters.id"), primary_key=True),
    Column("room_id", Uuid, ForeignKey("rooms.id"), primary_key=True, index=True),
    Column("position", SmallInteger, nullable=False),
)

questionnaires = Table(
    "questionnaires",
    booking_metadata,
    Column("master_id", Uuid, ForeignKey("masters.id"), primary_key=True),
    Column("answers", LargeBinary, nullable=False),  # sealed under a key of the master
    version_column(),
)

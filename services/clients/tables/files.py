"""Files of clients in sealed pieces, and pieces of what is still on its way."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from chassis.database import Instant
from services.clients.tables.base import tables

files = Table(
    "files",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("client_id", Uuid, ForeignKey("clients.id"), nullable=False),
    Column("name", LargeBinary, nullable=False),  # people are called by their names in it
    Column("kind", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("appointment_id", Uuid),
    Column("added_by", Uuid, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("size > 0", name="size"),
    Index(None, "client_id", "id"),
)

file_parts = Table(
    "file_parts",
    tables,
    Column("file_id", Uuid, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

upload_parts = Table(
    "upload_parts",
    tables,
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("sent_by", Uuid, primary_key=True),
    Column("upload_id", Uuid, primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("kept_at", Instant, nullable=False),
    Index(None, "kept_at"),
)

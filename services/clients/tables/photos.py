"""Photos of clients, sealed."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, LargeBinary, Table, Uuid

from services.clients.tables.base import tables

photos = Table(
    "photos",
    tables,
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("content", LargeBinary),  # null once it was removed: its version goes on
    CheckConstraint("(content IS NULL) = (width IS NULL) AND (content IS NULL) = (height IS NULL)", name="whole"),
)

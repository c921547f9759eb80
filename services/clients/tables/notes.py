"""Remarks about clients: who and when in columns, what was said sealed."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, Table, Uuid

from chassis.database import Instant
from services.clients.tables.base import tables

notes = Table(
    "notes",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("client_id", Uuid, ForeignKey("clients.id"), nullable=False),
    Column("author_id", Uuid, nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("appointment_id", Uuid),
    Column("text", LargeBinary, nullable=False),
    Column("changed_by", Uuid),
    Column("changed_at", Instant),
    Column("version", BigInteger, nullable=False),
    Index(None, "client_id", "id"),
)

"""A copy of what booking tells of appointments and visits."""

from sqlalchemy import BigInteger, Column, Date, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database import Instant
from services.clients.tables.base import tables

# One row per appointment, as its newest event says. No foreign key: what booking tells may come before the card, and
# stays after it, for the sums; then `client_id` points to nobody.
visits = Table(
    "visits",
    tables,
    Column("appointment_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("client_id", Uuid),
    Column("branch_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("starts", Instant, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("due", BigInteger, nullable=False),  # minor units; nothing before there is a bill
    Column("refunded", BigInteger, nullable=False),
    Column("currency", Text),
    # [{service_id, master_id, due, refunded}]: always written and mostly read together with the row
    Column("lines", JSONB, nullable=False),
    Index(None, "client_id", "starts", "appointment_id"),
    Index(None, "local_date", postgresql_where=text("status = 'completed'")),  # first visits by their day
)

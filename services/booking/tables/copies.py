"""Copies of what others announced."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Numeric, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database import Instant
from services.booking.tables.base import booking_metadata

known_clients = Table(
    "known_clients",
    booking_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("erased", Boolean, nullable=False),  # merged cards are, too
    Column("merged_into", Uuid),
    Index("ix_known_clients_merged_into", "merged_into", postgresql_where="merged_into IS NOT NULL"),
)

discounts = Table(
    "discounts",
    booking_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("percent", Numeric(5, 2), nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("by_branch", JSONB, nullable=False, server_default="{}"),  # the percentage where a branch has its own
)

"""Copies of what others announced."""

from sqlalchemy import BigInteger, Boolean, Column, Numeric, Table, Uuid

from chassis.database import Instant
from services.booking.tables.base import booking_metadata

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

"""What people who looked at it said of whether somebody was brought by their referrer: loyalty's own, never derived."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, Table, Uuid

from chassis.database import Instant
from services.loyalty.tables.base import loyalty_metadata

reviews = Table(
    "reviews",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("referrer_id", Uuid, nullable=False),
    Column("holds", Boolean, nullable=False),
    Column("reason", LargeBinary, nullable=False),  # sealed under the client's key
    Column("at", Instant, nullable=False),
    Column("reviewed_by", Uuid, nullable=False),
    Index("ix_reviews_client_id", "client_id"),
)

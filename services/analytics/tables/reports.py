"""Reports as people saved them."""

from sqlalchemy import BigInteger, Column, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database import Instant
from services.analytics.tables.base import analytics_metadata

reports = Table(
    "reports",
    analytics_metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("document", JSONB, nullable=False),  # in its normal form
    Column("created_at", Instant, nullable=False),
    Column("created_by", Uuid),
    Column("changed_at", Instant, nullable=False),
)

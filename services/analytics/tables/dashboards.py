"""Dashboards as people laid them out."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database import Instant
from services.analytics.tables.base import analytics_metadata

dashboards = Table(
    "dashboards",
    analytics_metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("document", JSONB, nullable=False),  # the period and the widgets, no figures
    Column("shared", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Uuid, nullable=False),  # whose it is
    Column("changed_at", Instant, nullable=False),
    Index("ix_dashboards_created_by", "created_by"),
)

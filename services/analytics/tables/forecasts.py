"""Forecasts that were worked out before anybody asks."""

from sqlalchemy import Column, Date, Index, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.analytics.tables.base import analytics_metadata

# Of the chain (no key), of a branch, of a service or of a category. `made_from` tells the weeks and the number of them
# that was asked for: a forecast of other weeks is another one. It is None where weeks are too few.
forecasts = Table(
    "forecasts",
    analytics_metadata,
    Column("branch_id", Uuid),
    Column("service_id", Uuid),
    Column("category", Text),
    Column("checked_on", Date, nullable=False),
    Column("made_from", Text, nullable=False),
    Column("document", JSONB),
    UniqueConstraint("branch_id", "service_id", "category", name="uq_forecasts_of", postgresql_nulls_not_distinct=True),
    Index("ix_forecasts_made_from", "made_from"),
)

"""When in the day visits begin."""

from sqlalchemy import Column, Date, Integer, SmallInteger, Table, Uuid

from services.analytics.tables.base import analytics_metadata

# Completed visits by the hour of the branch's clock in which they began.
visit_hours = Table(
    "visit_hours",
    analytics_metadata,
    Column("local_date", Date, primary_key=True),
    Column("branch_id", Uuid, primary_key=True),
    Column("hour", SmallInteger, primary_key=True),
    Column("visits", Integer, nullable=False),
)

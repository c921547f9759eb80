"""Facts of when masters work."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, SmallInteger, Table, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database import Instant
from services.analytics.tables.base import analytics_metadata

# A master's day in a branch: when they are there, as instants and as minutes on the branch's clock since its midnight.
# A day on which nobody is there any more has a row with nothing in it.
open_days = Table(
    "open_days",
    analytics_metadata,
    Column("master_id", Uuid, primary_key=True),
    Column("branch_id", Uuid, primary_key=True),
    Column("local_date", Date, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("minutes", Integer, nullable=False),  # that really pass, also when clocks change
    Column("starts", ARRAY(Instant), nullable=False),
    Column("ends", ARRAY(Instant), nullable=False),
    Column("opens", ARRAY(SmallInteger), nullable=False),
    Column("closes", ARRAY(SmallInteger), nullable=False),
    Index("ix_open_days_local_date", "local_date", "branch_id"),
)

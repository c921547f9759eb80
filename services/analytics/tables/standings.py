"""Where clients stand as of a day, what that was judged by, and who has to be judged again."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Index,
    Integer,
    SmallInteger,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database import Instant
from services.analytics.tables.base import analytics_metadata

# A client's row in the chain (without a branch) and one for each branch where they came. Made of the days on which they
# came; what nothing can be said of is NULL. Numbers of states and segments are places in the rules' lists.
client_standings = Table(
    "client_standings",
    analytics_metadata,
    Column("client_id", Uuid, nullable=False),
    Column("branch_id", Uuid),
    Column("master_id", Uuid),  # of the last visit, as the service is: who had the larger part of it
    Column("service_id", Uuid),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("days", Integer, nullable=False),
    Column("visits", Integer, nullable=False),  # within the window, as revenue is
    Column("revenue", BigInteger, nullable=False),
    Column("middle_gap", Double, nullable=False),  # of all time, as what follows is
    Column("gap_logs", Double, nullable=False),  # the sum of the logarithms of the gaps
    Column("spent", BigInteger, nullable=False),
    Column("earned", BigInteger, nullable=False),  # but for costs
    Column("interval", Double),
    Column("ratio", Double),
    Column("state", SmallInteger),
    Column("scores", SmallInteger, nullable=False),  # 555 is the best
    Column("segment", SmallInteger, nullable=False),
    Column("scores_by_interval", SmallInteger),
    Column("segment_by_interval", SmallInteger),
    Column("returns", Double),
    Column("alive", Double),
    Column("expected", Double),
    Column("value", Double),
    Column("margin_value", Double),
    Column("network_value", Double),  # by margin, of whom they brought
    UniqueConstraint("client_id", "branch_id", name="uq_client_standings_key", postgresql_nulls_not_distinct=True),
    Index("ix_client_standings_branch_id", "branch_id", postgresql_using="brin"),  # rows are written by branch
)

# What clients were judged by on a day: thresholds, the curve of returns, models with how they did.
client_reports = Table(
    "client_reports",
    analytics_metadata,
    Column("as_of", Date, primary_key=True),
    Column("made_at", Instant, nullable=False),
    Column("learnt", JSONB, nullable=False),
)

# Whose days have changed since they were judged. Each change is a row of its own: whoever judges takes only the rows
# that they have seen, and nobody who tells of a visit waits for them.
standings_due = Table(
    "standings_due",
    analytics_metadata,
    Column("mark", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
)

# From how many personal intervals on somebody is due, at risk, sleeping, lost; one row once the salon has changed it.
state_borders = Table(
    "state_borders",
    analytics_metadata,
    Column("single", Boolean, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("borders", JSONB, nullable=False),
)

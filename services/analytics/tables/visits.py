"""Facts of completed visits, and what clients did by day."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, SmallInteger, Table, Text, UniqueConstraint, Uuid

from chassis.database import Instant
from services.analytics.tables.base import analytics_metadata

# One row per completed visit, as its newest bill says. Amounts are minor units.
visits = Table(
    "visits",
    analytics_metadata,
    Column("appointment_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("client_id", Uuid),
    Column("branch_id", Uuid, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("revenue", BigInteger, nullable=False),  # due, refunds taken off
    Column("currency", Text, nullable=False),
    Column("starts", Instant, nullable=False),
    Column("minute", SmallInteger, nullable=False),  # of the start, on the branch's clock since its midnight
    Column("minutes", Integer, nullable=False),  # from start to end
    Column("discount", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),  # the salon's own, of the lines that tell it
    Column("paid", BigInteger, nullable=False),
    Column("late_minutes", Integer),
    Column("channel", Text),  # through which it was booked
    Index("ix_visits_client_id_local_date", "client_id", "local_date", "appointment_id"),
    Index("ix_visits_local_date", "local_date", postgresql_using="brin"),
)

# What a visit was for: its bill by service, category and master. Where and when stand here again, to be read alone.
visit_parts = Table(
    "visit_parts",
    analytics_metadata,
    Column("appointment_id", Uuid, nullable=False),
    Column("service_id", Uuid),
    Column("category", Text),
    Column("master_id", Uuid),
    Column("local_date", Date, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("client_id", Uuid),
    Column("revenue", BigInteger, nullable=False),
    Column("discount", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Index("ix_visit_parts_appointment_id", "appointment_id"),
    Index("ix_visit_parts_local_date", "local_date"),
)

# Visits and revenue of each client by day and branch; those without a card together.
client_days = Table(
    "client_days",
    analytics_metadata,
    Column("local_date", Date, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("client_id", Uuid),
    Column("visits", Integer, nullable=False),
    Column("revenue", BigInteger, nullable=False),
    UniqueConstraint(
        "local_date", "branch_id", "client_id", name="uq_client_days_key", postgresql_nulls_not_distinct=True
    ),
)

# The visit with which somebody became a client of the chain.
first_visits = Table(
    "first_visits",
    analytics_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("appointment_id", Uuid, nullable=False, unique=True),
    Column("local_date", Date, nullable=False),
    Column("branch_id", Uuid, nullable=False),
)

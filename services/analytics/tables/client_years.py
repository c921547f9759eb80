"""What clients came to by year."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, SmallInteger, Table, UniqueConstraint, Uuid

from services.analytics.tables.base import analytics_metadata

# Visits of everybody with a card by year, and under 0 those of all years; by branch, and of the whole chain under None.
client_years = Table(
    "client_years",
    analytics_metadata,
    Column("client_id", Uuid, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("branch_id", Uuid),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("revenue", BigInteger, nullable=False),
    Column("discount", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),
    UniqueConstraint("client_id", "year", "branch_id", name="uq_client_years_key", postgresql_nulls_not_distinct=True),
    Index("ix_client_years_year", "year", "branch_id"),
    postgresql_with={"fillfactor": 80},  # every visit changes rows of its client: there is room for that where they are
)

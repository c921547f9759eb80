"""Promotions as they are, and every version of each: what was in force at an instant can be told for ever."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text, Uuid, func, literal_column
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint

from chassis.database import Instant
from services.loyalty.tables.base import loyalty_metadata

promotions = Table(
    "promotions",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),  # not included
    Column("ever_until", Instant, nullable=False),  # the latest end that any version had
    Column("code_key", Text),  # of its code, by which two codes are the same
    CheckConstraint("ends >= starts", name="period"),
    ExcludeConstraint(
        (literal_column("code_key"), "="),
        (func.tstzrange(literal_column("starts"), literal_column("ends")), "&&"),
        name="one_code_at_once",
        where=literal_column("code_key IS NOT NULL"),
    ),
    Index("ix_promotions_ever_until", "ever_until"),
)

promotion_versions = Table(
    "promotion_versions",
    loyalty_metadata,
    Column("promotion_id", Uuid, ForeignKey("promotions.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("by", Uuid),
    Column("document", JSONB, nullable=False),
    Index("ix_promotion_versions_of_segments", "promotion_id", postgresql_where="document -> 'segment_ids' <> '[]'"),
)

# Visits that are yet to come, and what they were promised by a code; none of what was called off.
promises = Table(
    "promises",
    loyalty_metadata,
    Column("appointment_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("client_id", Uuid, nullable=False),
    Column("promotion_ids", ARRAY(Uuid), nullable=False),
    Index("ix_promises_promotion_ids", "promotion_ids", postgresql_using="gin"),
    Index("ix_promises_client_id", "client_id"),
)

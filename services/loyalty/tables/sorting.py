"""What rules give to clients, as clients was told last."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database import Instant
from services.loyalty.tables.base import loyalty_metadata

# It outlives a rebuild, so that versions never start again; version 0: there was nothing to tell yet. `turns_at` is
# when to look again: facts, or time alone, may have made something else of it by then.
sortings = Table(
    "sortings",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("category_ids", ARRAY(Uuid), nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("importance", Text),
    Column("importance_reason", Text),
    Column("turns_at", Instant),
    CheckConstraint("cardinality(category_ids) = cardinality(reasons)", name="reasons"),
    Index("ix_sortings_turns_at", "turns_at", postgresql_where="turns_at IS NOT NULL"),
)

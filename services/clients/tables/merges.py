"""Which cards became parts of which, and which likely duplicates are none. Ids only: all of it may stay."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database import Instant
from services.clients.tables.base import tables

# `kept_id` is the card that it became a part of then; the one that it is a part of now stands in its own row.
merges = Table(
    "merges",
    tables,
    Column("merged_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("kept_id", Uuid, ForeignKey("clients.id"), nullable=False),
    Column("merged_version", BigInteger, nullable=False),  # of the card as it was
    Column("merged_at", Instant, nullable=False),
    Column("merged_by", Uuid),
    Column("taken", ARRAY(Text), nullable=False),
    CheckConstraint("merged_id <> kept_id", name="two_cards"),
    Index(None, "kept_id"),
)

not_duplicates = Table(
    "not_duplicates",
    tables,
    Column("first_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("second_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("said_by", Uuid),
    Column("said_at", Instant, nullable=False),
    CheckConstraint("first_id < second_id", name="in_order"),
    Index(None, "second_id"),
)

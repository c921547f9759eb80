"""Loyalty cards, their types, and what became of each."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from chassis.database import Instant
from services.loyalty.tables.base import loyalty_metadata

loyalty_card_types = Table(
    "loyalty_card_types",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("colour", Text, nullable=False),
    Column("stands_for", Text),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("name_key"),
)

# A closed card has no number and no client: both went with the person.
loyalty_cards = Table(
    "loyalty_cards",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("type_id", Uuid, ForeignKey("loyalty_card_types.id"), nullable=False),
    Column("number", Text),
    Column("client_id", Uuid),
    Column("branch_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("issued_by", Uuid),
    Column("blocked_at", Instant),
    Column("block_reason", Text),
    Column("replaced_by_id", Uuid),
    UniqueConstraint("number"),
    CheckConstraint("state IN ('active', 'blocked', 'closed')", name="state"),
    CheckConstraint("(number IS NULL) = (state = 'closed')", name="number"),
    Index(None, "client_id", "id"),
)

# Triggers let no row be changed or removed.
loyalty_card_entries = Table(
    "loyalty_card_entries",
    loyalty_metadata,
    Column("card_id", Uuid, ForeignKey("loyalty_cards.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("author_id", Uuid),
    CheckConstraint("kind IN ('issued', 'blocked', 'replaced', 'moved', 'closed')", name="kind"),
)

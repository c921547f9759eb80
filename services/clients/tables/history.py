"""Earlier versions of cards."""

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Table, Uuid

from chassis.database import Instant
from services.clients.tables.base import tables

# A card as it was at `version`, until somebody changed it. What was never changed costs nothing here.
card_versions = Table(
    "card_versions",
    tables,
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Uuid),
    Column("person", LargeBinary, nullable=False),
    Column("health", LargeBinary),
    Column("custom", LargeBinary),  # in the fields of the salon's own; null where that was not kept yet
)

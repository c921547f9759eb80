"""Who is left out of the programme or a rule of it, and was."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, Table, Text, Uuid

from chassis.database import Instant
from services.loyalty.tables.base import loyalty_metadata

# Rows are added, and moved when cards are merged: the newest about a rule counts.
exclusions = Table(
    "exclusions",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("rule", Text),  # its name; none: the whole programme
    Column("excluded", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Uuid),
    Column("reason", LargeBinary),  # sealed under a key of the client's
    Index("ix_exclusions_client_id", "client_id", "at"),
)

"""Perks of clients, and each time that one was redeemed."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Uuid

from chassis.database import Instant
from services.clients.tables.base import tables

perks = Table(
    "perks",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("client_id", Uuid, ForeignKey("clients.id"), nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("redeemed", Integer, nullable=False),
    Column("given_by", Uuid, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("0 <= redeemed AND redeemed <= quantity", name="redeemed"),
    Index(None, "client_id", "id"),
)

redemptions = Table(
    "redemptions",
    tables,
    Column("perk_id", Uuid, ForeignKey("perks.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("redeemed_by", Uuid, nullable=False),
    Column("redeemed_at", Instant, nullable=False),
)

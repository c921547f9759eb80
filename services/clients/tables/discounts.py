"""Personal discounts of clients: every rule that there was, the newest in force."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, LargeBinary, Numeric, Table, Uuid

from chassis.database import Instant
from services.clients.tables.base import tables

personal_discounts = Table(
    "personal_discounts",
    tables,
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("percent", Numeric(5, 2)),  # NULL: the discount was taken away
    Column("valid_from", Instant),
    Column("valid_until", Instant),
    Column("reason", LargeBinary),
    Column("set_by", Uuid, nullable=False),
    Column("set_at", Instant, nullable=False),
    CheckConstraint("percent > 0 AND percent <= 100", name="percent"),
    CheckConstraint("valid_until > valid_from", name="valid"),
    CheckConstraint("(percent IS NULL) = (valid_from IS NULL)", name="whole"),
)

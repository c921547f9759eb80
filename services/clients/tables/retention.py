"""How long people are kept who do not come any more."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, SmallInteger, Table

from services.clients.tables.base import tables

retention = Table(
    "retention",
    tables,
    Column("one", SmallInteger, primary_key=True, server_default="1"),
    Column("months_without_visit", Integer),
    Column("version", BigInteger, nullable=False, server_default="1"),
    CheckConstraint("one = 1", name="one"),
    CheckConstraint("months_without_visit > 0", name="months"),
)

"""By what birthdays are found."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Uuid

from services.clients.tables.base import tables

# Blind month and day. It tells who have a birthday together and, by how few they are, who on 29 February; not when.
birthdays = Table(
    "birthdays",
    tables,
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("month_day", LargeBinary, nullable=False),
    Index(None, "month_day", "client_id"),
)

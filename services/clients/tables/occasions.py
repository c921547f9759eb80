"""By what birthdays are found, and which occasions others were told of."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    false,
    text,
)

from chassis.database import Instant
from services.clients.tables.base import tables

# Blind month and day. It tells who have a birthday together and, by how few they are, who on 29 February; not when.
birthdays = Table(
    "birthdays",
    tables,
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("month_day", LargeBinary, nullable=False),
    Index(None, "month_day", "client_id"),
)

# How far cards were looked through that are older than `birthdays`.
birthdays_sought = Table(
    "birthdays_sought",
    tables,
    Column("one", SmallInteger, primary_key=True, server_default="1"),
    Column("until", Uuid),
    Column("done", Boolean, nullable=False, server_default=false()),
    CheckConstraint("one = 1", name="one"),
)

# What was announced: an occasion of a person opens once a year, whatever is restarted or said twice.
occasions = Table(
    "occasions",
    tables,
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("closes_on", Date, nullable=False),  # the last day of its window
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    CheckConstraint("kind IN ('anniversary', 'birthday')", name="kind"),
    Index(None, "closes_on", postgresql_where=text("closed_at IS NULL")),
)

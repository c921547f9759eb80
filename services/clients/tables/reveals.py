"""Who opened which cards of late, and how many contacts they were shown."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Uuid

from chassis.database import Instant
from services.clients.tables.base import tables

# One row per user, begun anew with each shift: locking it puts what one user does at once in a row.
reveal_shifts = Table(
    "reveal_shifts",
    tables,
    Column("user_id", Uuid, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("revealed", Integer, nullable=False),
    Column("budget", Integer, nullable=False),  # as it was when the last one was revealed
    Column("warned_at", Instant),
    CheckConstraint("revealed BETWEEN 0 AND budget", name="revealed"),
)

# What a user was shown of a card in the shift that began at `shift_at`.
openings = Table(
    "openings",
    tables,
    Column("user_id", Uuid, primary_key=True),
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("shift_at", Instant, nullable=False),
    Column("opened_at", Instant),  # none for who registered the card and did not open it yet
    Column("contacts", Boolean, nullable=False),
    Column("health", Boolean, nullable=False),
    Index(None, "client_id"),
    Index(None, "user_id", "opened_at"),
    Index(None, "shift_at"),
)

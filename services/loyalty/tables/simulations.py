"""Simulations: what was asked, how far each is, and what came of it."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database import Instant
from services.loyalty.tables.base import loyalty_metadata

simulations = Table(
    "simulations",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    Column("branch_id", Uuid),
    Column("since", Date),
    Column("until", Date),  # included
    Column("document", JSONB(none_as_null=True)),  # in its normal form; none: what was in force
    Column("programme_version", Integer, nullable=False),  # in force when it was asked for
    Column("asked_at", Instant, nullable=False),
    Column("asked_by", Uuid),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("done", Integer, nullable=False, server_default="0"),  # clients, of
    Column("whole", Integer, nullable=False, server_default="0"),
    Column("facts", JSONB(none_as_null=True)),  # [[service, number of its event], …]
    Column("finished_at", Instant),
    Column("result", JSONB(none_as_null=True)),
    CheckConstraint("state IN ('running', 'finished', 'failed')", name="state"),
    Index("ix_simulations_running", "id", postgresql_where="state = 'running'"),
)

"""Programmes as they were published, and how far the recalculation after each change of them has come."""

from sqlalchemy import CheckConstraint, Column, Integer, Table, Text, UniqueConstraint, Uuid, func, literal_column
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

from chassis.database import Instant
from services.loyalty.tables.base import loyalty_metadata

# Rows are added, never changed, but for their end: what was in force at an instant can be told for ever.
programmes = Table(
    "programmes",
    loyalty_metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),  # one sequence for all scopes
    Column("id", Uuid, nullable=False),
    Column("branch_id", Uuid),  # none: the chain's, wherever no branch has its own
    Column("starts", Instant, nullable=False),
    Column("ends", Instant),  # not included
    Column("document", JSONB, nullable=False),  # in its normal form, percentages as texts
    Column("published_at", Instant, nullable=False),
    Column("published_by", Uuid),
    Column("ended_at", Instant),  # when its end was decided, by a successor or by somebody
    Column("ended_by", Uuid),
    Column("simulation_id", Uuid),  # what was simulated before, if it was
    UniqueConstraint("id"),
    CheckConstraint("ends IS NULL OR ends >= starts", name="period"),
    ExcludeConstraint(
        (
            func.coalesce(literal_column("branch_id"), literal_column("'00000000-0000-0000-0000-000000000000'::uuid")),
            "=",
        ),
        (func.tstzrange(literal_column("starts"), literal_column("ends")), "&&"),
        name="one_in_force",
    ),
)

# Instants at which another programme came into force, each with the last client who was judged anew after it.
recalculations = Table(
    "recalculations",
    loyalty_metadata,
    Column("at", Instant, primary_key=True),
    Column("state", Text, nullable=False),
    Column("position", Uuid),
    Column("judged", Integer, nullable=False, server_default="0"),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    CheckConstraint("state IN ('running', 'finished', 'overtaken')", name="state"),
)

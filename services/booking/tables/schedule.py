"""When masters work: shifts, templates, absences; when nobody is taken: blocks."""

from sqlalchemy import (
    BigInteger,
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
    column,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

from chassis.database import Instant
from services.booking.tables.base import booking_metadata, id_column, to, version_column

shifts = Table(
    "shifts",
    booking_metadata,
    id_column(),
    to("masters"),
    to("branches"),
    Column("day", Date, nullable=False),
    Column("starts", SmallInteger, nullable=False),  # minutes after midnight on the branch's wall clock
    Column("ends", SmallInteger, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="clock"),
    CheckConstraint("starts_at < ends_at", name="instants"),
    ExcludeConstraint(
        (column("master_id"), "="),
        (func.tstzrange(column("starts_at"), column("ends_at")), "&&"),
        name="no_two_shifts_at_once",
    ),
    Index("ix_shifts_branch_id_ends_at", "branch_id", "ends_at"),
    Index("ix_shifts_master_id_day", "master_id", "day"),
    Index("ix_shifts_master_id_ends_at", "master_id", "ends_at"),
)

# The version of a master's open hours in a branch: one for each event about them.
open_hours = Table(
    "open_hours",
    booking_metadata,
    Column("master_id", Uuid, ForeignKey("masters.id"), primary_key=True),
    Column("branch_id", Uuid, ForeignKey("branches.id"), primary_key=True),
    Column("version", BigInteger, nullable=False),
)

shift_templates = Table(
    "shift_templates",
    booking_metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("cycle_days", SmallInteger, nullable=False),
    Column("shifts", JSONB, nullable=False),
    version_column(),
    CheckConstraint("cycle_days BETWEEN 1 AND 56", name="cycle_days"),
)

absences = Table(
    "absences",
    booking_metadata,
    id_column(),
    to("masters"),
    Column("kind", Text, nullable=False),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("reason", LargeBinary),  # sealed under a key of the master
    version_column(),
    CheckConstraint("kind IN ('leave', 'sick', 'absenteeism', 'training', 'other')", name="kind"),
    CheckConstraint("starts < ends", name="time"),
    ExcludeConstraint(
        (column("master_id"), "="),
        (func.tstzrange(column("starts"), column("ends")), "&&"),
        name="nobody_away_twice",
    ),
    Index("ix_absences_master_id_ends", "master_id", "ends"),
)

blocks = Table(
    "blocks",
    booking_metadata,
    id_column(),
    to("branches"),
    to("masters", nullable=True, index=True),
    to("rooms", nullable=True, index=True),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    version_column(),
    CheckConstraint("starts < ends", name="time"),
    CheckConstraint("num_nonnulls(master_id, room_id) = 1", name="one_of_both"),
    Index("ix_blocks_branch_id_ends", "branch_id", "ends"),
)

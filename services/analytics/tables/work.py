"""How much of open time is booked and how appointments went, by day; and enquiries."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from chassis.database import Instant
from services.analytics.tables.base import analytics_metadata

# A day of a master, of a unit (a room or equipment), of a branch itself, or of its "masters" or "units" together, under
# the id of the branch. A branch is open while a master of it works, and so are its units, of which only what is booked
# stands here.
work_days = Table(
    "work_days",
    analytics_metadata,
    Column("local_date", Date, primary_key=True),
    Column("branch_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("resource_id", Uuid, primary_key=True),
    Column("open_minutes", Integer, nullable=False),
    Column("busy_minutes", Integer, nullable=False),  # of the open ones
    Column("outside_minutes", Integer, nullable=False),  # booked, and not open
    Index(
        "ix_work_days_together",
        "kind",
        "local_date",
        postgresql_where="kind IN ('branch', 'masters', 'units')",
    ),
)

# The same by month, from its first day.
work_months = Table(
    "work_months",
    analytics_metadata,
    Column("month", Date, primary_key=True),
    Column("branch_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("resource_id", Uuid, primary_key=True),
    Column("open_minutes", Integer, nullable=False),
    Column("busy_minutes", Integer, nullable=False),
    Column("outside_minutes", Integer, nullable=False),
    Index("ix_work_months_unit", "branch_id", "resource_id", postgresql_where="kind = 'unit'"),
)

# Days of branches of which something has changed that is counted by the day: they are counted again.
days_due = Table(
    "days_due",
    analytics_metadata,
    Column("local_date", Date, primary_key=True),
    Column("branch_id", Uuid, primary_key=True),
)

# How appointments went, by "day" and by "month" from its first day; of a branch, and of each master in it. Those who
# came to two masters are of both. `settled` are completed ones that were booked here, with a card; the last of those
# at the branch on a day was over at `over_at`.
went = Table(
    "went",
    analytics_metadata,
    Column("span", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("master_id", Uuid),
    Column("appointments", Integer, nullable=False),
    Column("kept", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("cancelled_by_client", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("arrivals", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("late_minutes", Integer, nullable=False),
    Column("settled", Integer, nullable=False),
    Column("rebooked", Integer, nullable=False),
    Column("over_at", Instant),
    UniqueConstraint("span", "since", "branch_id", "master_id", name="uq_went_key", postgresql_nulls_not_distinct=True),
)

# Appointments of the day that were booked, by the channel through which they were; None where none was told.
channel_days = Table(
    "channel_days",
    analytics_metadata,
    Column("local_date", Date, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("channel", Text),
    Column("appointments", Integer, nullable=False),
    UniqueConstraint(
        "local_date", "branch_id", "channel", name="uq_channel_days_key", postgresql_nulls_not_distinct=True
    ),
)

# Hours of the week by month: visits that began in them, those of days of which it is known when masters worked, and
# minutes that masters were there. What goes on after midnight is of the weekday on which the clock shows it.
week_hours = Table(
    "week_hours",
    analytics_metadata,
    Column("month", Date, primary_key=True),
    Column("branch_id", Uuid, primary_key=True),
    Column("weekday", SmallInteger, primary_key=True),
    Column("hour", SmallInteger, primary_key=True),
    Column("visits", Integer, nullable=False),
    Column("known_visits", Integer, nullable=False),
    Column("open_minutes", Integer, nullable=False),
)

# One row per enquiry, as its newest event says; and what became of who sent it: when they had enquired before (at the
# same branch, too), whether they were no client yet, whether they `booked` after it, when they first came, and whether
# they became a regular.
enquiries = Table(
    "enquiries",
    analytics_metadata,
    Column("enquiry_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("client_id", Uuid, nullable=False),
    Column("branch_id", Uuid),
    Column("channel", Text, nullable=False),
    Column("known", Boolean, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("previous_at", Instant),
    Column("previous_here_at", Instant),
    Column("lead", Boolean, nullable=False, server_default="true"),
    Column("booked", Boolean, nullable=False, server_default="false"),
    Column("came_at", Instant),
    Column("regular", Boolean, nullable=False, server_default="false"),
    Index("ix_enquiries_client_id", "client_id"),
    Index("ix_enquiries_received_at", "received_at", postgresql_include=("answered_at", "branch_id")),
)

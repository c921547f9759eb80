"""How many clients came again: by when, to whom and where they had come."""

from sqlalchemy import Column, Date, Index, Integer, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from services.analytics.domain.retention import MONTHS_AFTER, WINDOWS
from services.analytics.tables.base import analytics_metadata

WITHIN = tuple(f"within_{days}" for days in WINDOWS)
AFTER = tuple(f"after_{month}" for month in range(1, MONTHS_AFTER + 1))

# Clients of a month by the last day of it on which they came (`span` "day"), and of the month ("month", from its first
# day). `who` are "all" who came, the "new" ones, or "chain" ones: new to the chain, in the branch. `kind` says what
# the key is: the "chain", a "branch", a "master", or "both". `within_…`: those who came again in so many days after
# one of their days of that month, `after_…`: who came in the first, second, … month after.
cohorts = Table(
    "cohorts",
    analytics_metadata,
    Column("span", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("branch_id", Uuid),
    Column("master_id", Uuid),
    Column("clients", Integer, nullable=False),
    *(Column(name, Integer, nullable=False) for name in (*WITHIN, *AFTER)),
    UniqueConstraint(
        "span",
        "who",
        "kind",
        "since",
        "branch_id",
        "master_id",
        name="uq_cohorts_key",
        postgresql_nulls_not_distinct=True,
    ),
    Index("ix_cohorts_empty", "since", postgresql_where="clients = 0"),
)

# Visits of which cohorts do not know yet, as they were when they were counted; all None if they were not there.
cohorts_due = Table(
    "cohorts_due",
    analytics_metadata,
    Column("appointment_id", Uuid, primary_key=True),
    Column("client_id", Uuid),
    Column("local_date", Date),
    Column("branch_id", Uuid),
    Column("master_ids", ARRAY(Uuid)),
    Index("ix_cohorts_due_client_id", "client_id"),
)

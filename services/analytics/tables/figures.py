"""What visits add up to by day and by month."""

from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text, UniqueConstraint, Uuid

from services.analytics.tables.base import analytics_metadata

# By `span` ("day", or "month" from its first day), by branch (None: the whole chain), and by what `kind` names: every
# "visit", or one "service", "category" or "master", which is None for what is sold without. A visit counts once for
# each key that any of its parts has; a client who came to two branches is one of the chain.
figures = Table(
    "figures",
    analytics_metadata,
    Column("span", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("branch_id", Uuid),
    Column("service_id", Uuid),
    Column("category", Text),
    Column("master_id", Uuid),
    Column("visits", Integer, nullable=False),
    Column("clients", Integer, nullable=False),
    Column("new_clients", Integer, nullable=False),
    Column("revenue", BigInteger, nullable=False),
    Column("discount", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),
    UniqueConstraint(
        "span",
        "kind",
        "since",
        "branch_id",
        "service_id",
        "category",
        "master_id",
        name="uq_figures_key",
        postgresql_nulls_not_distinct=True,
    ),
)

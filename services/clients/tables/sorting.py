"""What rules of loyalty say of a card, and of which cards others are still to be told."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, SmallInteger, Table, Text, Uuid
from sqlalchemy import false as no

from services.clients.tables.base import tables

# The newest answer of the rules, by loyalty's version. `importance_off`: somebody took its importance away by hand.
sortings = Table(
    "sortings",
    tables,
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("importance", Text),
    Column("importance_reason", Text),
    Column("importance_off", Boolean, nullable=False, server_default=no()),
    CheckConstraint("importance IN ('bronze', 'silver', 'gold')", name="importance"),
)

# Its categories, in order. One that somebody took off by hand stays here, so that it stays off.
sorted_labels = Table(
    "sorted_labels",
    tables,
    Column("client_id", Uuid, ForeignKey("sortings.client_id", ondelete="CASCADE"), primary_key=True),
    Column("category_id", Uuid, ForeignKey("client_categories.id", ondelete="CASCADE"), primary_key=True),
    Column("place", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("taken_off", Boolean, nullable=False, server_default=no()),
    Index(None, "category_id"),
)

# Cards whose state is another for others, through no change of their own; the clock tells of them.
untold = Table("untold", tables, Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True))

# Cards older than the telling of sex and five years of birth, which are sealed in them; the clock opens and tells them.
unmeasured = Table("unmeasured", tables, Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True))

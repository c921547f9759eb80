"""By what cards are found."""

from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database import Instant
from services.clients.tables.base import tables

NO_BRANCH = UUID(int=0)  # among the branches of a card that belongs to none, so that everybody's searches meet it

# One narrow row for each card that lives. An inverted index keeps, for each entry, the list of cards in a few bits
# each, and intersects such lists; `registered_at` is that of the card, so that the order of lists can be walked here.
# `branch_ids` names at least those that may see the card. Others may be among them: who sees it is known to the card.
findable = Table(
    "findable",
    tables,
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("registered_at", Instant, nullable=False),
    Column("entries", ARRAY(BigInteger), nullable=False),
    Column("branch_ids", ARRAY(Uuid), nullable=False, server_default=text(f"'{{{NO_BRANCH}}}'")),
    Index(None, "registered_at", "client_id"),
    # Without a list of what is pending: whoever searches would have to read all of it.
    Index(
        "ix_findable_entries",
        *("entries", "branch_ids"),
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    ),
)

"""By what cards are found."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database import Instant
from services.clients.tables.base import tables

# One narrow row for each card that lives. An inverted index keeps, for each entry, the list of cards in a few bits
# each, and intersects such lists; `registered_at` is that of the card, so that the order of lists can be walked here.
findable = Table(
    "findable",
    tables,
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("registered_at", Instant, nullable=False),
    Column("entries", ARRAY(BigInteger), nullable=False),
    Index(None, "registered_at", "client_id"),
    # Without a list of what is pending: whoever searches would have to read all of it.
    Index(None, "entries", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
)

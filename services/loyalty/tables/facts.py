"""Facts as events stated them, every version of each: whatever loyalty says of any instant follows from them."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, Numeric, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import Instant
from services.loyalty.tables.base import loyalty_metadata

# What cards said, by their version: an edge of the graph is dated, and so is its end.
claims = Table(
    "claims",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("referrer_id", Uuid),
    Column("claimed_at", Instant, nullable=False),  # for the first version when the client was registered
    Column("source_id", Uuid),
    Column("channel", Text),
    Column("home_branch_id", Uuid),
    Column("shared_contact", Boolean, nullable=False, server_default="false"),
    Column("category_ids", ARRAY(Uuid), nullable=False, server_default="{}"),
    Column("importance", Text, nullable=False, server_default="none"),
    Index("ix_claims_referrer_id", "referrer_id"),
)

bills = Table(
    "bills",
    loyalty_metadata,
    Column("appointment_id", Uuid, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("client_id", Uuid, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("completed_at", Instant),  # not known to refunds of before it was told with them
    Column("starts", Instant, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("currency", Text, nullable=False),
    Column("lines", JSONB, nullable=False),  # rows of facts.BillLine
    Column("paid", BigInteger, nullable=False),
    Column("tendered", BigInteger, nullable=False),
    Column("applied", JSONB),  # [source, as of, programme version, codes]: by what booking took something off
    Index("ix_bills_client_id", "client_id"),
)

# The rule that a client's card had at a version; `percent` is NULL where it has none any more. Nothing of the erased.
personal_discounts = Table(
    "personal_discounts",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("percent", Numeric(5, 2)),
    Column("valid_from", Instant),
    Column("valid_until", Instant),
    Column("stated_at", Instant, nullable=False),
)

# Days on which clients are glad to be remembered: that they came near, that they are over.
occasions = Table(
    "occasions",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("open", Boolean, primary_key=True),
    Column("at", Instant, nullable=False),
)

# Who came into a saved segment (`member`) and who left it, by the number of the change; said of the card `card_id`,
# which may be part of another by now. Nothing of the erased.
segment_changes = Table(
    "segment_changes",
    loyalty_metadata,
    Column("segment_id", Uuid, primary_key=True),
    Column("card_id", Uuid, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("client_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("member", Boolean, nullable=False),
    Index("ix_segment_changes_client_id_segment_id", "client_id", "segment_id"),
)

# Segments that nobody is in any more.
removed_segments = Table(
    "removed_segments",
    loyalty_metadata,
    Column("segment_id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
)

# Who works for the salon; said of the card `stated_of`, which may be part of another by now.
staff = Table(
    "staff",
    loyalty_metadata,
    Column("client_id", Uuid, nullable=False),
    Column("stated_of", Uuid, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("staff", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_staff_client_id", "client_id"),
)

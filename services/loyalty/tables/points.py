"""Bonus points: a ledger to which rows are only added, the balance that it adds up to, and what is set aside of it."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from chassis.database import Instant
from services.loyalty.tables.base import loyalty_metadata

# No foreign key to cards: booking may tell of a visit first, and sums outlive the person.
point_accounts = Table(
    "point_accounts",
    loyalty_metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("balance", BigInteger, nullable=False),  # a trigger holds it to the last entry's
    Column("entries", BigInteger, nullable=False),  # how many there are
    Column("next_expiry", Instant),  # when the next of what is left lapses
    Index("ix_point_accounts_next_expiry", "next_expiry", postgresql_where="next_expiry IS NOT NULL"),
)

# Triggers let no row be changed or removed, and hold each balance to the one before it: so the last one is the sum.
point_entries = Table(
    "point_entries",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("client_id", Uuid, ForeignKey("point_accounts.client_id"), nullable=False),
    Column("number", BigInteger, nullable=False),  # 1, 2, 3 … on each account
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),  # afterwards
    Column("at", Instant, nullable=False),
    Column("expires_at", Instant),  # of points that came
    Column("cause", Text, nullable=False),  # what brought it about, each once: "visit <appointment> <version>"
    Column("appointment_id", Uuid),
    Column("reservation_id", Uuid),
    Column("person_id", Uuid),  # who was brought
    Column("lot_id", Uuid, ForeignKey("point_entries.id")),  # the points that lapsed
    Column("author_id", Uuid),
    UniqueConstraint("client_id", "number"),
    UniqueConstraint("cause"),
    CheckConstraint("points <> 0", name="points"),
    # Only what was earned and taken back after it was spent leaves a debt, and a merge takes it along.
    CheckConstraint("points > 0 OR balance >= 0 OR kind IN ('reverse', 'merge')", name="balance"),
    CheckConstraint("kind IN ('earn', 'adjust', 'redeem', 'reverse', 'expire', 'merge')", name="kind"),
    CheckConstraint("about IN ('visit', 'referral', 'welcome', 'payment', 'hand', 'lot', 'card')", name="about"),
    Index("ix_point_entries_appointment_id", "appointment_id", postgresql_where="appointment_id IS NOT NULL"),
    Index("ix_point_entries_person_id", "person_id", postgresql_where="person_id IS NOT NULL"),
)

# Reasons, which go with the person; the entries stay.
point_texts = Table(
    "point_texts",
    loyalty_metadata,
    Column("entry_id", Uuid, ForeignKey("point_entries.id"), primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("text", LargeBinary, nullable=False),
    Index("ix_point_texts_client_id", "client_id"),
)

# People of whom something else may be true by now than what was given for them.
rewards_due = Table("rewards_due", loyalty_metadata, Column("person_id", Uuid, primary_key=True))

# What is set aside for a visit: points here, certificates and memberships beside it under the same id.
reservations = Table(
    "reservations",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("appointment_id", Uuid, nullable=False),
    Column("client_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked", LargeBinary, nullable=False),  # a keyed hash of what was asked for
    Column("points", BigInteger, nullable=False),
    Column("value", BigInteger, nullable=False),  # minor units that a point pays
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    CheckConstraint("state IN ('reserved', 'confirmed', 'released')", name="state"),
    CheckConstraint("points >= 0", name="points"),
    CheckConstraint("value > 0", name="value"),
    Index("ix_reservations_appointment_id", "appointment_id"),
    Index("ix_reservations_client_id_open", "client_id", postgresql_where="state = 'reserved'"),
    Index("ix_reservations_expires_at_open", "expires_at", postgresql_where="state = 'reserved'"),
)

# The newest bill of each visit that the ledger goes by: an older one that comes later changes nothing.
settled_bills = Table(
    "settled_bills",
    loyalty_metadata,
    Column("appointment_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("completed_at", Instant, nullable=False),
)

# What bills say was paid so and nothing covers, minor units: the salon has to see to it.
unsettled_payments = Table(
    "unsettled_payments",
    loyalty_metadata,
    Column("appointment_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("amount > 0", name="amount"),
    Index("ix_unsettled_payments_at", "at", "appointment_id", "kind"),
)

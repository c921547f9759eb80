"""Accounts of clients: a double-entry ledger to which rows are only added, and the balance that it adds up to."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from chassis.database import Instant
from services.clients.tables.base import tables

# No foreign key to cards, here and below: booking may tell of a visit first, and sums outlive the person.
accounts = Table(
    "accounts",
    tables,
    Column("client_id", Uuid, primary_key=True),
    Column("currency", String(3), nullable=False),
    Column("balance", BigInteger, nullable=False),  # minor units; a trigger holds it to the last entry's
    Column("entries", BigInteger, nullable=False),  # how many there are
    CheckConstraint("abs(balance) <= 9007199254740991", name="balance"),
)

# Triggers let no row be changed or removed, and hold each balance to the one before it: so the last one is the sum.
account_entries = Table(
    "account_entries",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("client_id", Uuid, ForeignKey("accounts.client_id"), nullable=False),
    Column("number", BigInteger, nullable=False),  # 1, 2, 3 … on each account
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("author_id", Uuid),
    Column("appointment_id", Uuid),
    Column("turn", Integer),  # 1, 2, 3 … of the kind for the appointment: what two do at once is done once
    Column("reverses_id", Uuid, ForeignKey("account_entries.id")),
    UniqueConstraint("client_id", "number"),
    UniqueConstraint("appointment_id", "kind", "turn"),
    UniqueConstraint("reverses_id"),
    CheckConstraint("amount <> 0", name="amount"),
    CheckConstraint("(appointment_id IS NULL) = (turn IS NULL)", name="turn"),
    CheckConstraint(
        "kind IN ('deposit', 'withdrawal', 'charge', 'visit', 'adjustment', 'reversal', 'merge')", name="kind"
    ),
)

CLIENT = "client"  # the account that is the client's; the others are the salon's

account_lines = Table(
    "account_lines",
    tables,
    Column("entry_id", Uuid, ForeignKey("account_entries.id"), primary_key=True),
    Column("account", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),  # those of an entry add up to nothing
    CheckConstraint(
        "account IN ('client', 'cash', 'card', 'transfer', 'revenue', 'adjustment', 'merged')", name="account"
    ),
)

# Comments and reasons, which go with the person; the entries stay.
account_texts = Table(
    "account_texts",
    tables,
    Column("entry_id", Uuid, ForeignKey("account_entries.id"), primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("text", LargeBinary, nullable=False),
    Index(None, "client_id"),
)

# What completed visits left unpaid, by the newest bill; most leave nothing and have no row.
visit_debts = Table(
    "visit_debts",
    tables,
    Column("appointment_id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("unpaid", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
)

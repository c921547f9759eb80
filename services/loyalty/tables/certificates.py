"""Gift certificates, what became of each, and what is set aside for visits."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from chassis.database import Instant
from services.loyalty.tables.base import loyalty_metadata

certificates = Table(
    "certificates",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", LargeBinary, nullable=False),  # blind: the code itself is nowhere
    Column("last_characters", String(4), nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),  # a trigger holds it to the sum of the entries
    Column("reserved", BigInteger, nullable=False),
    Column("entries", Integer, nullable=False),  # how many there are
    Column("paid_by", Text, nullable=False),
    Column("sold_at", Instant, nullable=False),
    Column("sold_by", Uuid),
    Column("expires_at", Instant),
    Column("buyer_id", Uuid),
    Column("recipient_id", Uuid),
    Column("block_reason", Text),
    UniqueConstraint("code"),
    CheckConstraint("balance BETWEEN 0 AND amount", name="balance"),
    CheckConstraint("reserved BETWEEN 0 AND balance", name="reserved"),
    CheckConstraint("amount BETWEEN 1 AND 9007199254740991", name="amount"),
    Index(None, "branch_id", "id"),
    Index(None, "buyer_id"),
    Index(None, "recipient_id"),
    Index(None, "expires_at", postgresql_where="balance > 0"),
)

# Triggers let no row be changed or removed. `cause` is what made the entry: it makes one only once.
certificate_entries = Table(
    "certificate_entries",
    loyalty_metadata,
    Column("id", Uuid, primary_key=True),
    Column("certificate_id", Uuid, ForeignKey("certificates.id"), nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, 3 … of each certificate
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("author_id", Uuid),
    Column("appointment_id", Uuid),
    Column("cause", Text, nullable=False),
    UniqueConstraint("certificate_id", "number"),
    UniqueConstraint("certificate_id", "cause"),
    CheckConstraint("kind IN ('sold', 'redeemed', 'reversed', 'expired', 'blocked', 'unblocked')", name="kind"),
)

# What was said when one was blocked, sealed for `subject_id`: a client, or the certificate itself where there is none.
certificate_texts = Table(
    "certificate_texts",
    loyalty_metadata,
    Column("certificate_id", Uuid, ForeignKey("certificates.id"), primary_key=True),
    Column("subject_id", Uuid, nullable=False),
    Column("text", LargeBinary, nullable=False),
    Index(None, "subject_id"),
)

# Who named codes or numbers that there are not, how often, and when last.
failed_look_ups = Table(
    "failed_look_ups",
    loyalty_metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
)

# What tenders of a visit are set aside from: `amount` minor units of the bill, `units` of what pays them. `used` is how
# many of them the newest bill uses; while it is held, all of them are counted as reserved there.
pass_holds = Table(
    "pass_holds",
    loyalty_metadata,
    Column("reservation_id", Uuid, primary_key=True),
    Column("place", SmallInteger, primary_key=True, autoincrement=False),
    Column("appointment_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("pass_id", Uuid, nullable=False),
    Column("counter", SmallInteger),
    Column("line_id", Uuid),
    Column("amount", BigInteger, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("expires_at", Instant, nullable=False),
    CheckConstraint("kind IN ('certificate', 'membership')", name="kind"),
    CheckConstraint("used BETWEEN 0 AND units", name="used"),
    Index(None, "appointment_id"),
    Index(None, "expires_at", postgresql_where="held"),
)

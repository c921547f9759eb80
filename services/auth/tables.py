"""Where users, roles, sessions, failed sign-ins, codes and the journal are kept."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import Instant, metadata

tables = metadata()

roles = Table(
    "roles",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # names are compared without case
    Column("permissions", ARRAY(Text), nullable=False),
    Column("marks", ARRAY(Text), nullable=False),
    Column("reveals_per_shift", Integer),  # null is no bound
    Column("history_days", Integer),
    Column("shipped", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("name_key"),
    CheckConstraint("reveals_per_shift >= 0", name="reveals"),
    CheckConstraint("history_days >= 0", name="history"),
)

users = Table(
    "users",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("login", Text),
    Column("sealed_login", LargeBinary),  # of clients, instead
    Column("login_key", Text, nullable=False),  # logins are compared without case; of clients blind
    Column("name", LargeBinary, nullable=False),  # sealed
    Column("password", Text, nullable=False),  # what argon2 keeps of it
    Column("client_id", Uuid),
    Column("active", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("look", JSONB),  # what was chosen of it, by its names; of nobody who is a client
    UniqueConstraint("login_key"),
    CheckConstraint("(login IS NULL) = (sealed_login IS NOT NULL)", name="login"),
    Index(None, "client_id", postgresql_where=text("client_id IS NOT NULL")),
)

# Cards of clients that are, or once were, of people who work here: what others were told last.
staff_cards = Table(
    "staff_cards",
    tables,
    Column("client_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("staff", Boolean, nullable=False),
)

user_roles = Table(
    "user_roles",
    tables,
    Column("user_id", Uuid, ForeignKey("users.id"), primary_key=True),
    Column("role_id", Uuid, ForeignKey("roles.id"), primary_key=True),
    Index(None, "role_id"),
)

user_branches = Table(
    "user_branches",
    tables,
    Column("user_id", Uuid, ForeignKey("users.id"), primary_key=True),
    Column("branch_id", Uuid, primary_key=True),
    Index(None, "branch_id"),
)

sessions = Table(
    "sessions",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("tokens_until", Instant),  # when the last access token of an ended session has expired
    CheckConstraint("(ended_at IS NULL) = (tokens_until IS NULL)", name="ended"),
    Index(None, "user_id"),
    Index("ix_sessions_tokens_until", "tokens_until", postgresql_where=text("tokens_until IS NOT NULL")),
)

refresh_tokens = Table(
    "refresh_tokens",
    tables,
    Column("hash", LargeBinary, primary_key=True),
    Column("session_id", Uuid, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("used_at", Instant),
    Column("used_with", LargeBinary),  # fingerprint of the retry key
    Column("pair", LargeBinary),  # the answer, sealed under the token itself, for half a minute
    Index(None, "session_id"),
)

sign_in_failures = Table(
    "sign_in_failures",
    tables,
    Column("kind", Text, primary_key=True),  # login · address
    Column("whose", LargeBinary, primary_key=True),  # blind: people type passwords into the wrong field
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Index(None, "last_at"),
)

# Codes to phones, for an hour: as long as they count against sending more.
codes = Table(
    "codes",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("phone", LargeBinary, nullable=False),  # sealed
    Column("phone_key", LargeBinary, nullable=False),  # blind
    Column("address_key", LargeBinary),
    Column("for_what", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),  # keyed: six digits are tried out in no time
    Column("tries", Integer, nullable=False),  # wrong ones
    Column("sent_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("confirmation", LargeBinary),  # fingerprint of what was given for it
    Column("confirmed_until", Instant),
    UniqueConstraint("confirmation"),
    CheckConstraint("for_what IN ('sign_in', 'booking')", name="for_what"),
    CheckConstraint("tries >= 0", name="tries"),
    CheckConstraint("(confirmation IS NULL) = (confirmed_until IS NULL)", name="confirmed"),
    Index(None, "phone_key", "sent_at"),
    Index(None, "address_key", "sent_at", postgresql_where=text("address_key IS NOT NULL")),
    Index(None, "sent_at"),
)

# What somebody has to tell the owner of a phone, where no channel does; gone once it is of no use.
outgoing_codes = Table(
    "outgoing_codes",
    tables,
    Column("code_id", Uuid, ForeignKey("codes.id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # phone and code
    Column("shown_to", ARRAY(Uuid), nullable=False),  # users, once each in the journal
)

# The database refuses to change or delete entries (a trigger, see the migration).
journal = Table(
    "journal",
    tables,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", Uuid),
    Column("told_by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Uuid),
    Column("branch_id", Uuid),
    Column("address", LargeBinary),  # sealed
    Column("details", JSONB, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("number > 0", name="number"),
    CheckConstraint("actor_kind IN ('user', 'service', 'nobody')", name="actor_kind"),
    CheckConstraint("(actor_kind = 'user') = (actor_id IS NOT NULL)", name="actor"),
    CheckConstraint("octet_length(previous) = 32 AND octet_length(hash) = 32", name="hash"),
    Index(None, "actor_id", "number"),
    Index(None, "subject_id", "number"),
    Index(None, "action", "number"),
    Index(None, "at"),
)

"""Cards, how they are found, and where they come from."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    func,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import Instant
from services.clients.tables.base import tables

sources = Table(
    "sources",
    tables,
    Column("key", Text, primary_key=True),  # what cards hold; stays when the source is renamed
    Column("name", Text, nullable=False),  # the first spelling, which others are told
    Column("name_key", Text),  # without case, by which spellings are the same; where it is missing, `key` is that
    Column("id", Uuid, nullable=False, server_default=func.gen_random_uuid()),
    Column("parent_id", Uuid, ForeignKey("sources.id")),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("costs", JSONB, nullable=False, server_default=text("'[]'")),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    UniqueConstraint("id"),
    CheckConstraint("parent_id <> id", name="nothing_is_below_itself"),
    Index(None, "parent_id"),
)
compared_by = func.coalesce(sources.c.name_key, sources.c.key)
Index("uq_sources_name", compared_by, unique=True)

clients = Table(
    "clients",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("channel", Text),
    Column("channel_key", Text, ForeignKey("sources.key")),
    Column("referrer_id", Uuid, ForeignKey("clients.id")),
    Column("home_branch_id", Uuid),
    Column("favourite_master_id", Uuid),
    Column("favourite_service_ids", ARRAY(Uuid), nullable=False),
    Column("convenient_times", JSONB, nullable=False),
    Column("importance", Text, nullable=False, server_default=text("'none'")),
    Column("category_ids", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    Column("reference_index", LargeBinary),  # blind: in some systems the reference is made of the name
    Column("person", LargeBinary),
    Column("health", LargeBinary),
    Column("erased_at", Instant),
    Column("merged_into", Uuid, ForeignKey("clients.id")),  # then it is blank as if erased, but its key is there
    # What of the labels above only a rule has given.
    Column("sorted_category_ids", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    Column("sorted_importance", Boolean, nullable=False, server_default=false()),
    Column("shared_contact", Boolean, nullable=False, server_default=false()),  # with the referrer
    # Others are told more often than people change the card; older rows know only that it was not above `version`.
    Column("sex", Text),  # these two in the clear: others are told them
    Column("birth_band", SmallInteger),
    Column("told_version", BigInteger, nullable=False, server_default=text("0")),
    UniqueConstraint("reference_index"),
    CheckConstraint("referrer_id <> id", name="nobody_brings_themselves"),
    CheckConstraint("importance IN ('none', 'bronze', 'silver', 'gold')", name="importance"),
    CheckConstraint(
        "(erased_at IS NULL) = (person IS NOT NULL) AND (erased_at IS NULL OR health IS NULL)", name="erased_is_blank"
    ),
    CheckConstraint("merged_into IS NULL OR (erased_at IS NOT NULL AND merged_into <> id)", name="merged_is_blank"),
    Index(None, "registered_at", "id"),
    Index(None, "importance", "registered_at", "id", postgresql_where=text("importance <> 'none'")),
    Index(None, "referrer_id"),
    Index(None, "home_branch_id"),
    Index(None, "channel_key"),
    Index(None, "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    Index("ix_clients_category_ids", "category_ids", postgresql_using="gin"),
)

# A card with the name that its source has by now: the source may have been renamed since.
source_name = select(sources.c.name).where(sources.c.key == clients.c.channel_key).scalar_subquery()
card_rows = select(clients, source_name.label("source_name"))

PHONE, LAST_DIGITS, EMAIL, NAME = "phone", "digits", "email", "name"  # kinds of entries

search_index = Table(
    "search_index",
    tables,
    Column("kind", Text, primary_key=True),
    Column("value", LargeBinary, primary_key=True),
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("shared", Boolean, nullable=False, server_default=false()),
    Index(None, "client_id"),
)
# Of two simultaneous registrations of one phone the second is refused, unless the phone is shared by right.
Index(
    "uq_search_index_phone",
    search_index.c.value,
    unique=True,
    postgresql_where=text("kind = 'phone' AND NOT shared"),
)

# Where a client has an appointment. No foreign key: what booking tells may come before or after anything else.
client_branches = Table(
    "client_branches",
    tables,
    Column("client_id", Uuid, primary_key=True),
    Column("branch_id", Uuid, primary_key=True),
    # The home of a card that became a part of this one, or its own before that: it saw the person, and still does.
    Column("was_home", Boolean, nullable=False, server_default=false()),
    Index(None, "branch_id"),
)

"""What a salon adds to the cards of its own: categories, and fields with their values."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from services.clients.tables.base import tables

client_categories = Table(
    "client_categories",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("colour", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)

client_fields = Table(
    "client_fields",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("options", ARRAY(Text), nullable=False),
    Column("required", Boolean, nullable=False),
    Column("personal", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("kind IN ('text', 'number', 'date', 'choice', 'yes_no')", name="kind"),
)

field_values = Table(
    "field_values",
    tables,
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("field_id", Uuid, ForeignKey("client_fields.id", ondelete="CASCADE"), primary_key=True),
    Column("value", Text),  # of a field that is not personal
    Column("sealed", LargeBinary),  # of one that is
    CheckConstraint("(value IS NULL) <> (sealed IS NULL)", name="kept_in_one_way"),
    Index(None, "field_id"),
)

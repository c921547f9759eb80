"""Tables that somebody uploaded to take their clients in: rows sealed under a key of the import's own, and outcomes."""

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
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import Instant
from services.clients.tables.base import tables

# Pieces of a table that is on its way; a key of their own for each upload.
import_parts = Table(
    "import_parts",
    tables,
    Column("upload_id", Uuid, primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("sent_by", Uuid, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("kept_at", Instant, nullable=False),
    Index(None, "kept_at"),
)

# Keys of uploads and imports that are over. They are destroyed after the commit: before it, a crash would leave rows
# that are still to do and that nobody can read.
import_keys_over = Table("import_keys_over", tables, Column("id", Uuid, primary_key=True))

client_imports = Table(
    "client_imports",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("rows", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("names", LargeBinary),  # of the columns; null when it has ended
    Column("first_rows", LargeBinary),
    Column("mapping", JSONB(none_as_null=True)),  # [[column, field]]
    Column("version", BigInteger, nullable=False),
    CheckConstraint("state IN ('open', 'running', 'finished', 'abandoned', 'failed')", name="state"),
    Index(None, "created_by", "id"),
)

import_chunks = Table(
    "import_chunks",
    tables,
    Column("import_id", Uuid, ForeignKey("client_imports.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

import_runs = Table(
    "import_runs",
    tables,
    Column("import_id", Uuid, ForeignKey("client_imports.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("dry_run", Boolean, nullable=False),
    Column("duplicates", Text, nullable=False),
    Column("home_branch_id", Uuid),
    Column("state", Text, nullable=False),
    Column("chunk", Integer, nullable=False, server_default=text("0")),  # the next one
    Column("done", Integer, nullable=False, server_default=text("0")),
    Column("created", Integer, nullable=False, server_default=text("0")),
    Column("updated", Integer, nullable=False, server_default=text("0")),
    Column("duplicate", Integer, nullable=False, server_default=text("0")),
    Column("refused", Integer, nullable=False, server_default=text("0")),
    Column("suggested", Integer, nullable=False, server_default=text("0")),
    Column("erased", Integer, nullable=False, server_default=text("0")),
    # Whoever started it: the rights and branches that they had then.
    Column("started_by", Uuid, nullable=False),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("branch_ids", ARRAY(Uuid), nullable=False),
    Column("everywhere", Boolean, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    CheckConstraint("state IN ('running', 'done', 'failed')", name="state"),
    CheckConstraint("duplicates IN ('skip', 'update', 'create_reported')", name="duplicates"),
    # One at a time of an import.
    Index("uq_import_runs_running", "import_id", unique=True, postgresql_where=text("state = 'running'")),
)

import_rows = Table(
    "import_rows",
    tables,
    Column("import_id", Uuid, ForeignKey("client_imports.id", ondelete="CASCADE"), primary_key=True),
    Column("run", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("client_id", Uuid),
    Column("like_id", Uuid),
    Column("errors", JSONB, nullable=False),  # [{field, code}], never what stands in the row
    Column("referrer", LargeBinary),  # blind, until the end of the run: who may still come further down
    CheckConstraint("outcome IN ('created', 'updated', 'duplicate', 'refused', 'suggested', 'erased')", name="outcome"),
    Index(None, "client_id", postgresql_where=text("client_id IS NOT NULL")),
    Index(None, "like_id", postgresql_where=text("like_id IS NOT NULL")),
)
Index(
    "ix_import_rows_referrer",
    import_rows.c.import_id,
    import_rows.c.run,
    import_rows.c.number,
    postgresql_where=text("referrer IS NOT NULL"),
)

# Whom a dry run has met in the table so far, blind under the import's own key.
import_keys_seen = Table(
    "import_keys_seen",
    tables,
    Column("import_id", Uuid, ForeignKey("client_imports.id", ondelete="CASCADE"), primary_key=True),
    Column("value", LargeBinary, primary_key=True),
)

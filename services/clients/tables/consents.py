"""Texts, who agreed to them, and who took it back. Rows are added; none is ever changed."""

from sqlalchemy import (
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
)

from chassis.database import Instant
from services.clients.tables.base import tables

consent_documents = Table(
    "consent_documents",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("language", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("asked_online", Text, nullable=False, server_default="no"),
    UniqueConstraint("purpose", "version"),
    CheckConstraint("asked_online IN ('no', 'optional', 'required')", name="asked_online"),
)

# Consents of one person for one purpose are a chain: of two at the same moment one follows the other.
consents = Table(
    "consents",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("client_id", Uuid, ForeignKey("clients.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("document_id", Uuid, ForeignKey("consent_documents.id"), nullable=False),
    Column("follows_id", Uuid, ForeignKey("consents.id")),
    Column("channel", Text, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Uuid),
    UniqueConstraint("client_id", "purpose", "follows_id", postgresql_nulls_not_distinct=True),
    Index(None, "follows_id"),
)

withdrawals = Table(
    "withdrawals",
    tables,
    Column("consent_id", Uuid, ForeignKey("consents.id"), primary_key=True),
    Column("withdrawn_at", Instant, nullable=False),
    Column("channel", Text, nullable=False),
    Column("reason", LargeBinary),
    Column("recorded_by", Uuid),
)

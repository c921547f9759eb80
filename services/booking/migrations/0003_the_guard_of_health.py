"""The guard of health: what services are marked with, and what came of comparing that with a card."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE services ADD COLUMN contraindications JSONB DEFAULT '[]' NOT NULL")
    op.execute("ALTER TABLE appointments ADD COLUMN health BYTEA")

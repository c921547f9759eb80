"""The guard of health: what services are marked with."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE services ADD COLUMN contraindications JSONB DEFAULT '[]' NOT NULL")

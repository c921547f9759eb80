"""How pages look to each of those who work here."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("ALTER TABLE users ADD COLUMN look JSONB")

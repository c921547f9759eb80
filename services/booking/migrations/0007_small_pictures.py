"""Pictures as they stand beside a name, for pages over slow lines; those that were there have none."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("ALTER TABLE pictures ADD COLUMN small BYTEA")

"""Cards that were merged."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE known_clients ADD COLUMN merged_into UUID")
    op.execute("CREATE INDEX ix_known_clients_merged_into ON known_clients (merged_into) WHERE merged_into IS NOT NULL")

"""Sex and the five years of birth, which others are told."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE clients ADD COLUMN sex TEXT, ADD COLUMN birth_band SMALLINT")

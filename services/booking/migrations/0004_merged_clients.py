"""Cards that were merged; what masters are told of the client."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for part in (
        MERGES,
        CARD,
    ):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


MERGES = """
ALTER TABLE known_clients ADD COLUMN merged_into UUID;
CREATE INDEX ix_known_clients_merged_into ON known_clients (merged_into) WHERE merged_into IS NOT NULL
"""

CARD = """
"""

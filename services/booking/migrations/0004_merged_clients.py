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
"""

CARD = """
"""

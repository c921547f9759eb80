"""Cards that were merged; personal discounts."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for part in (
        MERGES,
        MONEY,
    ):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


MERGES = """
"""

MONEY = """
"""

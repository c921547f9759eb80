"""Imports and requests from sites; merged cards; reveals; lists taken out; money and discounts of a person."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for part in (
        IMPORTS,
        MERGES,
        REVEALS,
        EXPORTS,
        MONEY,
        CARD,
    ):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


IMPORTS = """
"""

MERGES = """
"""

REVEALS = """
"""

EXPORTS = """
"""

MONEY = """
"""

CARD = """
"""

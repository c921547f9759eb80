"""Facts in full, programmes as documents, points and what else pays, promotions, sorting, what-if."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for part in (
        FACTS,
        PROGRAMMES,
        POINTS,
        PASSES,
        PROMOTIONS,
        SORTING,
        WHATIF,
    ):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


FACTS = """
"""

PROGRAMMES = """
"""

POINTS = """
"""

PASSES = """
"""

PROMOTIONS = """
"""

SORTING = """
"""

WHATIF = """
"""

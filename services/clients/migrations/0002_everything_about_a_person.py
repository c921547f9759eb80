"""Sources as a tree, categories and fields of the salon's own; files, notes and perks; visits; consents; the index."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for part in (BASE, FILES, VISITS, CONSENTS, SEARCH):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


BASE = """
"""

FILES = """
"""

VISITS = """
"""

CONSENTS = """
"""

SEARCH = """
"""

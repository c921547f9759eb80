"""Which cards are of people who work here."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for part in (STAFF,):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


STAFF = """
"""

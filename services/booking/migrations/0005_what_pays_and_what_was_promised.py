"""What pays for a visit besides money; what was promised line by line."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for part in (BILLS,):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


BILLS = """
"""

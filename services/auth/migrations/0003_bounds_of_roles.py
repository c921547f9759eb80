"""How much a role sees: reveals in a shift, days of history."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for part in (LEAK,):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


LEAK = """
"""

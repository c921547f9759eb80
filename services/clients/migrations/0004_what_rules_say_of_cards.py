"""What rules give to cards."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for part in (RULES,):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


RULES = """
"""

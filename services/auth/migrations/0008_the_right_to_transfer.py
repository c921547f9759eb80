"""Whoever may edit appointments may still give them to other masters, until an owner says otherwise."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for statement in ROLES.strip().split(";\n"):
        op.execute(statement)


ROLES = """
UPDATE roles SET permissions = permissions || 'appointments.transfer'::TEXT, version = version + 1
    WHERE NOT shipped AND 'appointments.edit' = ANY (permissions);
UPDATE roles SET permissions = permissions || 'appointments.transfer.own'::TEXT, version = version + 1
    WHERE NOT shipped AND 'appointments.edit.own' = ANY (permissions)
"""

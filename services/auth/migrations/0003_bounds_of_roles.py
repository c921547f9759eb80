"""How much a role sees: reveals in a shift, days of history."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for statement in BOUNDS.strip().split(";\n"):
        op.execute(statement)


# A role of the salon's own that sees no contacts or no cards must not lift the bounds of another one beside it.
BOUNDS = """
ALTER TABLE roles
    ADD COLUMN reveals_per_shift INTEGER,
    ADD COLUMN history_days INTEGER,
    ADD CONSTRAINT ck_roles_reveals CHECK (reveals_per_shift >= 0),
    ADD CONSTRAINT ck_roles_history CHECK (history_days >= 0);
UPDATE roles SET reveals_per_shift = 0 WHERE NOT marks && ARRAY['contacts', '*'];
UPDATE roles SET history_days = 0
    WHERE NOT permissions && ARRAY['*', 'appointments.read', 'clients.read', 'visits.read']
"""

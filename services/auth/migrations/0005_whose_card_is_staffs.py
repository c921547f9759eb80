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
CREATE TABLE staff_cards (
    client_id UUID NOT NULL,
    version BIGINT NOT NULL,
    staff BOOLEAN NOT NULL,
    CONSTRAINT pk_staff_cards PRIMARY KEY (client_id)
);
CREATE INDEX ix_users_client_id ON users (client_id) WHERE client_id IS NOT NULL
"""

"""Cards that were merged; personal discounts."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for part in (MERGES, MONEY):
        for statement in part.strip().split(";\n"):
            op.execute(statement)


MERGES = """
CREATE TABLE merges (
    merged_id UUID NOT NULL,
    into_id UUID NOT NULL,
    CONSTRAINT pk_merges PRIMARY KEY (merged_id)
);
CREATE INDEX ix_merges_into_id ON merges (into_id)
"""

MONEY = """
CREATE TABLE personal_discounts (
    client_id UUID NOT NULL,
    version BIGINT NOT NULL,
    percent NUMERIC(5, 2),
    valid_from TIMESTAMPTZ,
    valid_until TIMESTAMPTZ,
    stated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_personal_discounts PRIMARY KEY (client_id)
)
"""

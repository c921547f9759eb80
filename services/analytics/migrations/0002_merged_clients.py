"""Cards that were merged; how sources are called by now."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for part in (MERGES, SOURCES):
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

SOURCES = """
CREATE TABLE sources (
    source_id UUID NOT NULL,
    version BIGINT NOT NULL,
    channel TEXT NOT NULL,
    CONSTRAINT pk_sources PRIMARY KEY (source_id)
)
"""

"""Who is in which saved segment, and which promotions visits to come were promised."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for part in (SEGMENTS, PROMISES):
        for statement in part.strip().split(";\n"):
            op.execute(statement)


SEGMENTS = """
CREATE TABLE segment_changes (
    segment_id UUID NOT NULL,
    card_id UUID NOT NULL,
    position BIGINT NOT NULL,
    client_id UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    member BOOLEAN NOT NULL,
    CONSTRAINT pk_segment_changes PRIMARY KEY (segment_id, card_id, position)
);
CREATE INDEX ix_segment_changes_client_id_segment_id ON segment_changes (client_id, segment_id);
CREATE TABLE removed_segments (
    segment_id UUID NOT NULL,
    position BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_removed_segments PRIMARY KEY (segment_id)
);
CREATE TABLE judgements_due (
    client_id UUID NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_judgements_due PRIMARY KEY (client_id)
);
CREATE INDEX ix_promotion_versions_of_segments ON promotion_versions (promotion_id)
    WHERE document -> 'segment_ids' <> '[]'
"""

PROMISES = """
CREATE TABLE promises (
    appointment_id UUID NOT NULL,
    version BIGINT NOT NULL,
    client_id UUID NOT NULL,
    promotion_ids UUID[] NOT NULL,
    CONSTRAINT pk_promises PRIMARY KEY (appointment_id)
);
CREATE INDEX ix_promises_promotion_ids ON promises USING gin (promotion_ids);
CREATE INDEX ix_promises_client_id ON promises (client_id)
"""

"""The journal, of which no entry can be changed or deleted."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in TABLE.strip().split(";\n"):
        op.execute(statement)
    op.execute(REFUSAL)
    op.execute(
        "CREATE TRIGGER journal_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON journal"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_journal()"
    )


TABLE = """
CREATE TABLE journal (
    number BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id UUID,
    told_by TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id UUID,
    branch_id UUID,
    address BYTEA,
    details JSONB NOT NULL,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_journal PRIMARY KEY (number),
    CONSTRAINT ck_journal_number CHECK (number > 0),
    CONSTRAINT ck_journal_actor_kind CHECK (actor_kind IN ('user', 'service', 'nobody')),
    CONSTRAINT ck_journal_actor CHECK ((actor_kind = 'user') = (actor_id IS NOT NULL)),
    CONSTRAINT ck_journal_hash CHECK (octet_length(previous) = 32 AND octet_length(hash) = 32)
);
CREATE INDEX ix_journal_actor_id_number ON journal (actor_id, number);
CREATE INDEX ix_journal_subject_id_number ON journal (subject_id, number);
CREATE INDEX ix_journal_action_number ON journal (action, number);
CREATE INDEX ix_journal_at ON journal (at)
"""

REFUSAL = """
CREATE FUNCTION refuse_change_of_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the journal stay as they are';
END
$$
"""

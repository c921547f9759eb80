"""Codes to phones, and the outbox of those that somebody has to tell."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for statement in TABLES.strip().split(";\n"):
        op.execute(statement)


TABLES = """
CREATE TABLE codes (
    id UUID NOT NULL,
    phone BYTEA NOT NULL,
    phone_key BYTEA NOT NULL,
    address_key BYTEA,
    for_what TEXT NOT NULL,
    hash BYTEA NOT NULL,
    tries INTEGER NOT NULL,
    sent_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    confirmation BYTEA,
    confirmed_until TIMESTAMPTZ,
    CONSTRAINT pk_codes PRIMARY KEY (id),
    CONSTRAINT uq_codes_confirmation UNIQUE (confirmation),
    CONSTRAINT ck_codes_for_what CHECK (for_what IN ('sign_in', 'booking')),
    CONSTRAINT ck_codes_tries CHECK (tries >= 0),
    CONSTRAINT ck_codes_confirmed CHECK ((confirmation IS NULL) = (confirmed_until IS NULL))
);
CREATE INDEX ix_codes_phone_key_sent_at ON codes (phone_key, sent_at);
CREATE INDEX ix_codes_address_key_sent_at ON codes (address_key, sent_at) WHERE address_key IS NOT NULL;
CREATE INDEX ix_codes_sent_at ON codes (sent_at);
CREATE TABLE outgoing_codes (
    code_id UUID NOT NULL,
    sealed BYTEA NOT NULL,
    shown_to UUID[] NOT NULL,
    CONSTRAINT pk_outgoing_codes PRIMARY KEY (code_id),
    CONSTRAINT fk_outgoing_codes_code_id_codes FOREIGN KEY (code_id) REFERENCES codes (id) ON DELETE CASCADE
)
"""

"""Sources as a tree, categories and fields of the salon's own; files, notes and perks; visits; consents; the index."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for part in (BASE, FILES, VISITS, CONSENTS, SEARCH):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


BASE = """
"""

FILES = """
CREATE TABLE notes (
    id UUID NOT NULL,
    client_id UUID NOT NULL,
    author_id UUID NOT NULL,
    written_at TIMESTAMPTZ NOT NULL,
    private BOOLEAN NOT NULL,
    appointment_id UUID,
    text BYTEA NOT NULL,
    changed_by UUID,
    changed_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    CONSTRAINT pk_notes PRIMARY KEY (id),
    CONSTRAINT fk_notes_client_id FOREIGN KEY (client_id) REFERENCES clients (id)
);
CREATE INDEX ix_notes_client_id_id ON notes (client_id, id);
CREATE TABLE perks (
    id UUID NOT NULL,
    client_id UUID NOT NULL,
    text BYTEA NOT NULL,
    quantity INTEGER NOT NULL,
    redeemed INTEGER NOT NULL,
    given_by UUID NOT NULL,
    given_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_perks PRIMARY KEY (id),
    CONSTRAINT fk_perks_client_id FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT ck_perks_redeemed CHECK (0 <= redeemed AND redeemed <= quantity)
);
CREATE INDEX ix_perks_client_id_id ON perks (client_id, id);
CREATE TABLE redemptions (
    perk_id UUID NOT NULL,
    number INTEGER NOT NULL,
    redeemed_by UUID NOT NULL,
    redeemed_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_redemptions PRIMARY KEY (perk_id, number),
    CONSTRAINT fk_redemptions_perk_id FOREIGN KEY (perk_id) REFERENCES perks (id) ON DELETE CASCADE
);
CREATE TABLE photos (
    client_id UUID NOT NULL,
    version BIGINT NOT NULL,
    width INTEGER,
    height INTEGER,
    content BYTEA,
    CONSTRAINT pk_photos PRIMARY KEY (client_id),
    CONSTRAINT fk_photos_client_id FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT ck_photos_whole CHECK ((content IS NULL) = (width IS NULL) AND (content IS NULL) = (height IS NULL))
)
"""

VISITS = """
"""

CONSENTS = """
CREATE TABLE card_versions (
    client_id UUID NOT NULL,
    version BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    changed_by UUID,
    person BYTEA NOT NULL,
    health BYTEA,
    CONSTRAINT pk_card_versions PRIMARY KEY (client_id, version),
    CONSTRAINT fk_card_versions_client_id FOREIGN KEY (client_id) REFERENCES clients (id)
)
"""

SEARCH = """
"""

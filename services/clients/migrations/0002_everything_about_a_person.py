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
ALTER TABLE sources
    ADD COLUMN name_key TEXT,
    ADD COLUMN id UUID DEFAULT gen_random_uuid() NOT NULL,
    ADD COLUMN parent_id UUID,
    ADD COLUMN active BOOLEAN DEFAULT true NOT NULL,
    ADD COLUMN costs JSONB DEFAULT '[]' NOT NULL,
    ADD COLUMN version BIGINT DEFAULT 1 NOT NULL,
    ADD CONSTRAINT uq_sources_id UNIQUE (id),
    ADD CONSTRAINT ck_sources_nothing_is_below_itself CHECK (parent_id <> id);
ALTER TABLE sources ADD CONSTRAINT fk_sources_parent_id FOREIGN KEY (parent_id) REFERENCES sources (id);
CREATE INDEX ix_sources_parent_id ON sources (parent_id);
CREATE UNIQUE INDEX uq_sources_name ON sources (coalesce(name_key, key));
ALTER TABLE clients
    ADD COLUMN importance TEXT DEFAULT 'none' NOT NULL,
    ADD COLUMN category_ids UUID[] DEFAULT '{}' NOT NULL,
    ADD CONSTRAINT ck_clients_importance CHECK (importance IN ('none', 'bronze', 'silver', 'gold'));
CREATE INDEX ix_clients_channel_key ON clients (channel_key);
CREATE INDEX ix_clients_category_ids ON clients USING gin (category_ids);
CREATE TABLE client_categories (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    colour TEXT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_client_categories PRIMARY KEY (id),
    CONSTRAINT uq_client_categories_name_key UNIQUE (name_key)
);
CREATE TABLE client_fields (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    options TEXT[] NOT NULL,
    required BOOLEAN NOT NULL,
    personal BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_client_fields PRIMARY KEY (id),
    CONSTRAINT uq_client_fields_name_key UNIQUE (name_key),
    CONSTRAINT ck_client_fields_kind CHECK (kind IN ('text', 'number', 'date', 'choice', 'yes_no'))
);
CREATE TABLE field_values (
    client_id UUID NOT NULL,
    field_id UUID NOT NULL,
    value TEXT,
    sealed BYTEA,
    CONSTRAINT pk_field_values PRIMARY KEY (client_id, field_id),
    CONSTRAINT fk_field_values_client_id FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT fk_field_values_field_id FOREIGN KEY (field_id) REFERENCES client_fields (id) ON DELETE CASCADE,
    CONSTRAINT ck_field_values_kept_in_one_way CHECK ((value IS NULL) <> (sealed IS NULL))
);
CREATE INDEX ix_field_values_field_id ON field_values (field_id);
CREATE TABLE birthdays (
    client_id UUID NOT NULL,
    month_day BYTEA NOT NULL,
    CONSTRAINT pk_birthdays PRIMARY KEY (client_id),
    CONSTRAINT fk_birthdays_client_id FOREIGN KEY (client_id) REFERENCES clients (id)
);
CREATE INDEX ix_birthdays_month_day_client_id ON birthdays (month_day, client_id);
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
);
CREATE TABLE files (
    id UUID NOT NULL,
    client_id UUID NOT NULL,
    name BYTEA NOT NULL,
    kind TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    appointment_id UUID,
    added_by UUID NOT NULL,
    added_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_files PRIMARY KEY (id),
    CONSTRAINT fk_files_client_id FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT ck_files_size CHECK (size > 0)
);
CREATE INDEX ix_files_client_id_id ON files (client_id, id);
CREATE TABLE file_parts (
    file_id UUID NOT NULL,
    number SMALLINT NOT NULL,
    content BYTEA NOT NULL,
    CONSTRAINT pk_file_parts PRIMARY KEY (file_id, number),
    CONSTRAINT fk_file_parts_file_id FOREIGN KEY (file_id) REFERENCES files (id) ON DELETE CASCADE
);
CREATE TABLE upload_parts (
    client_id UUID NOT NULL,
    sent_by UUID NOT NULL,
    upload_id UUID NOT NULL,
    number SMALLINT NOT NULL,
    content BYTEA NOT NULL,
    kept_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_upload_parts PRIMARY KEY (client_id, sent_by, upload_id, number),
    CONSTRAINT fk_upload_parts_client_id FOREIGN KEY (client_id) REFERENCES clients (id)
);
CREATE INDEX ix_upload_parts_kept_at ON upload_parts (kept_at)
"""

# What booking told before there was a table for it is read again from its log, so inbox and position forget it.
VISITS = """
CREATE TABLE visits (
    appointment_id UUID NOT NULL,
    version BIGINT NOT NULL,
    client_id UUID,
    branch_id UUID NOT NULL,
    status TEXT NOT NULL,
    starts TIMESTAMPTZ NOT NULL,
    local_date DATE NOT NULL,
    due BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    currency TEXT,
    lines JSONB NOT NULL,
    CONSTRAINT pk_visits PRIMARY KEY (appointment_id)
);
CREATE INDEX ix_visits_client_id_starts_appointment_id ON visits (client_id, starts, appointment_id);
DELETE FROM positions WHERE producer = 'booking';
DELETE FROM inbox WHERE producer = 'booking'
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
);
CREATE TABLE consent_documents (
    id UUID NOT NULL,
    purpose TEXT NOT NULL,
    version INTEGER NOT NULL,
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_consent_documents PRIMARY KEY (id),
    CONSTRAINT uq_consent_documents_purpose_version UNIQUE (purpose, version)
);
CREATE TABLE consents (
    id UUID NOT NULL,
    client_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    document_id UUID NOT NULL,
    follows_id UUID,
    channel TEXT NOT NULL,
    given_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by UUID,
    CONSTRAINT pk_consents PRIMARY KEY (id),
    CONSTRAINT fk_consents_client_id FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT fk_consents_document_id FOREIGN KEY (document_id) REFERENCES consent_documents (id),
    CONSTRAINT fk_consents_follows_id FOREIGN KEY (follows_id) REFERENCES consents (id),
    CONSTRAINT uq_consents_client_id_purpose_follows_id UNIQUE NULLS NOT DISTINCT (client_id, purpose, follows_id)
);
CREATE INDEX ix_consents_follows_id ON consents (follows_id);
CREATE TABLE withdrawals (
    consent_id UUID NOT NULL,
    withdrawn_at TIMESTAMPTZ NOT NULL,
    channel TEXT NOT NULL,
    reason BYTEA,
    recorded_by UUID,
    CONSTRAINT pk_withdrawals PRIMARY KEY (consent_id),
    CONSTRAINT fk_withdrawals_consent_id FOREIGN KEY (consent_id) REFERENCES consents (id)
);
CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'what was recorded stays as it is'; END $$;
CREATE TRIGGER documents_stay BEFORE UPDATE ON consent_documents FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE TRIGGER consents_stay BEFORE UPDATE ON consents FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE TRIGGER withdrawals_stay BEFORE UPDATE ON withdrawals FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE TABLE retention (
    one SMALLINT DEFAULT 1 NOT NULL,
    months_without_visit INTEGER,
    version BIGINT DEFAULT 1 NOT NULL,
    CONSTRAINT pk_retention PRIMARY KEY (one),
    CONSTRAINT ck_retention_one CHECK (one = 1),
    CONSTRAINT ck_retention_months CHECK (months_without_visit > 0)
);
INSERT INTO retention DEFAULT VALUES
"""

# The blind values of before are longer, so that their beginnings serve and nothing has to be opened.
SEARCH = """
CREATE TABLE findable (
    client_id UUID NOT NULL,
    registered_at TIMESTAMPTZ NOT NULL,
    entries BIGINT[] NOT NULL,
    CONSTRAINT pk_findable PRIMARY KEY (client_id),
    CONSTRAINT fk_findable_client_id FOREIGN KEY (client_id) REFERENCES clients (id)
);
INSERT INTO findable (client_id, registered_at, entries)
    SELECT clients.id, registered_at,
        coalesce(array_agg(CAST(CAST('x' || encode(substring(value FROM 1 FOR 8), 'hex') AS bit(64)) AS bigint)
            ORDER BY value) FILTER (WHERE value IS NOT NULL), '{}')
    FROM clients LEFT JOIN search_index ON client_id = clients.id WHERE erased_at IS NULL GROUP BY clients.id;
DELETE FROM search_index WHERE kind IN ('name', 'digits');
CREATE INDEX ix_findable_registered_at_client_id ON findable (registered_at, client_id);
CREATE INDEX ix_findable_entries ON findable USING gin (entries) WITH (fastupdate = off)
"""

"""Imports and requests from sites; merged cards; reveals; lists taken out; money and discounts of a person."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for part in (IMPORTS, MERGES, REVEALS, EXPORTS, MONEY, OCCASIONS, SEARCH):
        for statement in part.strip().split(";\n"):
            op.execute(statement)


IMPORTS = """
CREATE TABLE import_parts (
    upload_id UUID NOT NULL,
    number SMALLINT NOT NULL,
    sent_by UUID NOT NULL,
    content BYTEA NOT NULL,
    kept_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_import_parts PRIMARY KEY (upload_id, number)
);
CREATE INDEX ix_import_parts_kept_at ON import_parts (kept_at);
CREATE TABLE import_keys_over (
    id UUID NOT NULL,
    CONSTRAINT pk_import_keys_over PRIMARY KEY (id)
);
CREATE TABLE client_imports (
    id UUID NOT NULL,
    state TEXT NOT NULL,
    created_by UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    rows INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    width INTEGER NOT NULL,
    names BYTEA,
    first_rows BYTEA,
    mapping JSONB,
    version BIGINT NOT NULL,
    CONSTRAINT pk_client_imports PRIMARY KEY (id),
    CONSTRAINT ck_client_imports_state CHECK (state IN ('open', 'running', 'finished', 'abandoned', 'failed'))
);
CREATE INDEX ix_client_imports_created_by_id ON client_imports (created_by, id);
CREATE TABLE import_chunks (
    import_id UUID NOT NULL,
    number INTEGER NOT NULL,
    content BYTEA NOT NULL,
    CONSTRAINT pk_import_chunks PRIMARY KEY (import_id, number),
    CONSTRAINT fk_import_chunks_import_id FOREIGN KEY(import_id) REFERENCES client_imports (id) ON DELETE CASCADE
);
CREATE TABLE import_runs (
    import_id UUID NOT NULL,
    number INTEGER NOT NULL,
    dry_run BOOLEAN NOT NULL,
    duplicates TEXT NOT NULL,
    home_branch_id UUID,
    state TEXT NOT NULL,
    chunk INTEGER DEFAULT 0 NOT NULL,
    done INTEGER DEFAULT 0 NOT NULL,
    created INTEGER DEFAULT 0 NOT NULL,
    updated INTEGER DEFAULT 0 NOT NULL,
    duplicate INTEGER DEFAULT 0 NOT NULL,
    refused INTEGER DEFAULT 0 NOT NULL,
    suggested INTEGER DEFAULT 0 NOT NULL,
    erased INTEGER DEFAULT 0 NOT NULL,
    started_by UUID NOT NULL,
    permissions TEXT[] NOT NULL,
    branch_ids UUID[] NOT NULL,
    everywhere BOOLEAN NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_import_runs PRIMARY KEY (import_id, number),
    CONSTRAINT ck_import_runs_state CHECK (state IN ('running', 'done', 'failed')),
    CONSTRAINT ck_import_runs_duplicates CHECK (duplicates IN ('skip', 'update', 'create_reported')),
    CONSTRAINT fk_import_runs_import_id FOREIGN KEY(import_id) REFERENCES client_imports (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uq_import_runs_running ON import_runs (import_id) WHERE state = 'running';
CREATE TABLE import_rows (
    import_id UUID NOT NULL,
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    client_id UUID,
    like_id UUID,
    errors JSONB NOT NULL,
    referrer BYTEA,
    CONSTRAINT pk_import_rows PRIMARY KEY (import_id, run, number),
    CONSTRAINT ck_import_rows_outcome CHECK (
        outcome IN ('created', 'updated', 'duplicate', 'refused', 'suggested', 'erased')
    ),
    CONSTRAINT fk_import_rows_import_id FOREIGN KEY(import_id) REFERENCES client_imports (id) ON DELETE CASCADE
);
CREATE INDEX ix_import_rows_client_id ON import_rows (client_id) WHERE client_id IS NOT NULL;
CREATE INDEX ix_import_rows_like_id ON import_rows (like_id) WHERE like_id IS NOT NULL;
CREATE INDEX ix_import_rows_referrer ON import_rows (import_id, run, number) WHERE referrer IS NOT NULL;
CREATE TABLE import_keys_seen (
    import_id UUID NOT NULL,
    value BYTEA NOT NULL,
    CONSTRAINT pk_import_keys_seen PRIMARY KEY (import_id, value),
    CONSTRAINT fk_import_keys_seen_import_id FOREIGN KEY(import_id) REFERENCES client_imports (id) ON DELETE CASCADE
);
CREATE TABLE contact_forms (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    branch_id UUID,
    channel TEXT NOT NULL,
    origins TEXT[] NOT NULL,
    key_hash BYTEA NOT NULL,
    created_by UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    CONSTRAINT pk_contact_forms PRIMARY KEY (id),
    CONSTRAINT uq_contact_forms_key_hash UNIQUE (key_hash)
);
CREATE TABLE enquiries (
    id UUID NOT NULL,
    client_id UUID NOT NULL,
    form_id UUID NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    known BOOLEAN NOT NULL,
    said BYTEA NOT NULL,
    done_by UUID,
    done_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    CONSTRAINT pk_enquiries PRIMARY KEY (id),
    CONSTRAINT ck_enquiries_done CHECK ((done_by IS NULL) = (done_at IS NULL)),
    CONSTRAINT fk_enquiries_client_id FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT fk_enquiries_form_id FOREIGN KEY (form_id) REFERENCES contact_forms (id)
);
CREATE INDEX ix_enquiries_client_id_id ON enquiries (client_id, id);
CREATE INDEX ix_enquiries_form_id_received_at ON enquiries (form_id, received_at);
CREATE INDEX ix_enquiries_open ON enquiries (id) WHERE done_at IS NULL
"""

MERGES = """
ALTER TABLE client_branches ADD COLUMN was_home BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE clients ADD COLUMN merged_into UUID;
ALTER TABLE clients ADD CONSTRAINT fk_clients_merged_into FOREIGN KEY (merged_into) REFERENCES clients (id);
ALTER TABLE clients ADD CONSTRAINT ck_clients_merged_is_blank
    CHECK (merged_into IS NULL OR (erased_at IS NOT NULL AND merged_into <> id));
CREATE INDEX ix_clients_merged_into ON clients (merged_into) WHERE merged_into IS NOT NULL;
CREATE TABLE merges (
    merged_id UUID NOT NULL,
    kept_id UUID NOT NULL,
    merged_version BIGINT NOT NULL,
    merged_at TIMESTAMPTZ NOT NULL,
    merged_by UUID,
    taken TEXT[] NOT NULL,
    CONSTRAINT pk_merges PRIMARY KEY (merged_id),
    CONSTRAINT fk_merges_merged_id FOREIGN KEY (merged_id) REFERENCES clients (id),
    CONSTRAINT fk_merges_kept_id FOREIGN KEY (kept_id) REFERENCES clients (id),
    CONSTRAINT ck_merges_two_cards CHECK (merged_id <> kept_id)
);
CREATE INDEX ix_merges_kept_id ON merges (kept_id);
CREATE TABLE not_duplicates (
    first_id UUID NOT NULL,
    second_id UUID NOT NULL,
    said_by UUID,
    said_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_not_duplicates PRIMARY KEY (first_id, second_id),
    CONSTRAINT fk_not_duplicates_first_id FOREIGN KEY (first_id) REFERENCES clients (id),
    CONSTRAINT fk_not_duplicates_second_id FOREIGN KEY (second_id) REFERENCES clients (id),
    CONSTRAINT ck_not_duplicates_in_order CHECK (first_id < second_id)
);
CREATE INDEX ix_not_duplicates_second_id ON not_duplicates (second_id)
"""

REVEALS = """
CREATE TABLE reveal_shifts (
    user_id UUID NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revealed INTEGER NOT NULL,
    budget INTEGER NOT NULL,
    warned_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_reveal_shifts PRIMARY KEY (user_id),
    CONSTRAINT ck_reveal_shifts_revealed CHECK (revealed BETWEEN 0 AND budget)
);
CREATE TABLE openings (
    user_id UUID NOT NULL,
    client_id UUID NOT NULL,
    shift_at TIMESTAMP WITH TIME ZONE NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE,
    contacts BOOLEAN NOT NULL,
    health BOOLEAN NOT NULL,
    CONSTRAINT pk_openings PRIMARY KEY (user_id, client_id),
    CONSTRAINT fk_openings_client_id FOREIGN KEY (client_id) REFERENCES clients (id)
);
CREATE INDEX ix_openings_client_id ON openings (client_id);
CREATE INDEX ix_openings_user_id_opened_at ON openings (user_id, opened_at);
CREATE INDEX ix_openings_shift_at ON openings (shift_at)
"""

EXPORTS = """
CREATE TABLE bulk_exports (
    id UUID NOT NULL,
    state TEXT NOT NULL,
    format TEXT NOT NULL,
    separator TEXT NOT NULL,
    columns TEXT[] NOT NULL,
    filter JSONB NOT NULL,
    reason BYTEA NOT NULL,
    branch_ids UUID[],
    cards INTEGER NOT NULL,
    asked_by UUID NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMPTZ,
    downloads INTEGER DEFAULT 0 NOT NULL,
    taken_at TIMESTAMPTZ,
    tries INTEGER DEFAULT 0 NOT NULL,
    ended BOOLEAN DEFAULT false NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_bulk_exports PRIMARY KEY (id),
    CONSTRAINT ck_bulk_exports_state CHECK (state IN ('asked', 'approved', 'taken', 'refused')),
    CONSTRAINT ck_bulk_exports_decided CHECK (decided_at IS NOT NULL OR state = 'asked'),
    CONSTRAINT ck_bulk_exports_taken CHECK (state <> 'taken' OR taken_at IS NOT NULL)
);
CREATE TABLE bulk_export_parts (
    export_id UUID NOT NULL,
    number INTEGER NOT NULL,
    client_ids UUID[] NOT NULL,
    CONSTRAINT pk_bulk_export_parts PRIMARY KEY (export_id, number),
    CONSTRAINT fk_bulk_export_parts_export_id FOREIGN KEY (export_id) REFERENCES bulk_exports (id) ON DELETE CASCADE
);
CREATE TABLE export_rules (
    one SMALLINT DEFAULT 1 NOT NULL,
    two_person BOOLEAN DEFAULT true NOT NULL,
    downloads INTEGER DEFAULT 1 NOT NULL,
    locked BOOLEAN DEFAULT false NOT NULL,
    version BIGINT DEFAULT 1 NOT NULL,
    CONSTRAINT pk_export_rules PRIMARY KEY (one),
    CONSTRAINT ck_export_rules_one CHECK (one = 1),
    CONSTRAINT ck_export_rules_downloads CHECK (downloads > 0)
);
INSERT INTO export_rules DEFAULT VALUES
"""

MONEY = """
CREATE TABLE accounts (
    client_id UUID NOT NULL,
    currency VARCHAR(3) NOT NULL,
    balance BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    CONSTRAINT pk_accounts PRIMARY KEY (client_id),
    CONSTRAINT ck_accounts_balance CHECK (abs(balance) <= 9007199254740991)
);
CREATE TABLE account_entries (
    id UUID NOT NULL,
    client_id UUID NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    amount BIGINT NOT NULL,
    balance BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    author_id UUID,
    appointment_id UUID,
    turn INTEGER,
    reverses_id UUID,
    CONSTRAINT pk_account_entries PRIMARY KEY (id),
    CONSTRAINT fk_account_entries_client_id FOREIGN KEY (client_id) REFERENCES accounts (client_id),
    CONSTRAINT fk_account_entries_reverses_id FOREIGN KEY (reverses_id) REFERENCES account_entries (id),
    CONSTRAINT uq_account_entries_client_id_number UNIQUE (client_id, number),
    CONSTRAINT uq_account_entries_appointment_id_kind_turn UNIQUE (appointment_id, kind, turn),
    CONSTRAINT uq_account_entries_reverses_id UNIQUE (reverses_id),
    CONSTRAINT ck_account_entries_amount CHECK (amount <> 0),
    CONSTRAINT ck_account_entries_turn CHECK ((appointment_id IS NULL) = (turn IS NULL)),
    CONSTRAINT ck_account_entries_kind
        CHECK (kind IN ('deposit', 'withdrawal', 'charge', 'visit', 'adjustment', 'reversal', 'merge'))
);
CREATE TABLE account_lines (
    entry_id UUID NOT NULL,
    account TEXT NOT NULL,
    amount BIGINT NOT NULL,
    CONSTRAINT pk_account_lines PRIMARY KEY (entry_id, account),
    CONSTRAINT fk_account_lines_entry_id FOREIGN KEY (entry_id) REFERENCES account_entries (id),
    CONSTRAINT ck_account_lines_account
        CHECK (account IN ('client', 'cash', 'card', 'transfer', 'revenue', 'adjustment', 'merged'))
);
CREATE TABLE account_texts (
    entry_id UUID NOT NULL,
    client_id UUID NOT NULL,
    text BYTEA NOT NULL,
    CONSTRAINT pk_account_texts PRIMARY KEY (entry_id),
    CONSTRAINT fk_account_texts_entry_id FOREIGN KEY (entry_id) REFERENCES account_entries (id)
);
CREATE INDEX ix_account_texts_client_id ON account_texts (client_id);
CREATE TABLE visit_debts (
    appointment_id UUID NOT NULL,
    client_id UUID NOT NULL,
    unpaid BIGINT NOT NULL,
    currency VARCHAR(3) NOT NULL,
    CONSTRAINT pk_visit_debts PRIMARY KEY (appointment_id)
);
CREATE TABLE personal_discounts (
    client_id UUID NOT NULL,
    version BIGINT NOT NULL,
    percent NUMERIC(5, 2),
    valid_from TIMESTAMPTZ,
    valid_until TIMESTAMPTZ,
    reason BYTEA,
    set_by UUID NOT NULL,
    set_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_personal_discounts PRIMARY KEY (client_id, version),
    CONSTRAINT fk_personal_discounts_client_id FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT ck_personal_discounts_percent CHECK (percent > 0 AND percent <= 100),
    CONSTRAINT ck_personal_discounts_valid CHECK (valid_until > valid_from),
    CONSTRAINT ck_personal_discounts_whole CHECK ((percent IS NULL) = (valid_from IS NULL))
);
CREATE TRIGGER entries_stay BEFORE UPDATE OR DELETE ON account_entries FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE TRIGGER lines_stay BEFORE UPDATE OR DELETE ON account_lines FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE TRIGGER accounts_stay BEFORE DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE FUNCTION check_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (NEW.balance - NEW.amount IS DISTINCT FROM CASE NEW.number WHEN 1 THEN 0 ELSE
            (SELECT balance FROM account_entries WHERE client_id = NEW.client_id AND number = NEW.number - 1) END
        OR NEW.amount IS DISTINCT FROM
            (SELECT amount FROM account_lines WHERE entry_id = NEW.id AND account = 'client')
        OR NEW.number > (SELECT entries FROM accounts WHERE client_id = NEW.client_id))
    THEN RAISE EXCEPTION 'an entry does not follow from the one before it'; END IF; RETURN NULL; END $$;
CREATE FUNCTION check_lines() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT sum(amount) FROM account_lines WHERE entry_id = NEW.entry_id) <> 0
    THEN RAISE EXCEPTION 'the lines of an entry do not add up to nothing'; END IF; RETURN NULL; END $$;
CREATE FUNCTION check_account() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (NEW.balance IS DISTINCT FROM CASE NEW.entries WHEN 0 THEN 0 ELSE
        (SELECT balance FROM account_entries WHERE client_id = NEW.client_id AND number = NEW.entries) END)
    THEN RAISE EXCEPTION 'an account does not hold what its entries say'; END IF; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER entry_follows AFTER INSERT ON account_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry();
CREATE CONSTRAINT TRIGGER lines_add_up AFTER INSERT ON account_lines
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_lines();
CREATE CONSTRAINT TRIGGER account_adds_up AFTER INSERT OR UPDATE ON accounts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_account()
"""

OCCASIONS = """
ALTER TABLE card_versions ADD COLUMN custom BYTEA;
CREATE INDEX ix_visits_local_date ON visits (local_date) WHERE status = 'completed';
CREATE TABLE occasions (
    client_id UUID NOT NULL,
    kind TEXT NOT NULL,
    year SMALLINT NOT NULL,
    closes_on DATE NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_occasions PRIMARY KEY (client_id, kind, year),
    CONSTRAINT fk_occasions_client_id FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT ck_occasions_kind CHECK (kind IN ('anniversary', 'birthday'))
);
CREATE INDEX ix_occasions_closes_on ON occasions (closes_on) WHERE closed_at IS NULL;
CREATE TABLE birthdays_sought (
    one SMALLINT DEFAULT '1' NOT NULL,
    until UUID,
    done BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_birthdays_sought PRIMARY KEY (one),
    CONSTRAINT ck_birthdays_sought_one CHECK (one = 1)
);
INSERT INTO birthdays_sought DEFAULT VALUES
"""

# Whom a release that does not know the branches registers meanwhile is met by everybody's searches, which is right.
SEARCH = """
ALTER TABLE findable ADD COLUMN branch_ids UUID[] NOT NULL DEFAULT '{00000000-0000-0000-0000-000000000000}';
DROP INDEX ix_findable_entries;
UPDATE findable SET branch_ids = seen.branch_ids FROM (
    SELECT client_id, array_agg(branch_id ORDER BY branch_id) AS branch_ids FROM (
        SELECT id AS client_id, home_branch_id AS branch_id FROM clients WHERE home_branch_id IS NOT NULL
        UNION SELECT client_id, branch_id FROM client_branches) AS pairs
    GROUP BY client_id) AS seen
    WHERE seen.client_id = findable.client_id;
CREATE INDEX ix_findable_entries ON findable USING gin (entries, branch_ids) WITH (fastupdate = off);
CREATE INDEX ix_clients_importance_registered_at_id ON clients (importance, registered_at, id)
    WHERE importance <> 'none'
"""

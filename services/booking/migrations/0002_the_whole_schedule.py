"""The whole schedule: kinds of rooms, phases, masters' terms, holidays, absences, holds, series, the waiting list."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for statement in f"{NEW_TABLES};\n{NEW_COLUMNS};\n{BUSY}".split(";\n"):
        op.execute(statement)
    op.execute(CATEGORIES)
    op.execute(CATALOGUE_VERSION)
    for table in CATALOGUE:
        op.execute(
            f"CREATE TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed()"
        )


# What is remembered of the catalogue is told by its version from what holds. It comes out of a sequence, so that one
# that was rolled back is never given again.
CATALOGUE = (
    "settings", "branches", "holidays", "rooms", "services", "branch_prices", "masters", "master_services",
    "master_rooms",
)  # fmt: skip
CATALOGUE_VERSION = """
CREATE SEQUENCE catalogue_versions START 2;
INSERT INTO catalogue_state DEFAULT VALUES;
CREATE FUNCTION catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalogue_state SET version = nextval('catalogue_versions');
    RETURN NULL;
END $$
"""

CATEGORIES = """
INSERT INTO categories (id, name)
SELECT gen_random_uuid(), name FROM (SELECT DISTINCT ON (lower(category)) category AS name FROM services) AS named
"""

NEW_TABLES = """
CREATE TABLE catalogue_state (
    one SMALLINT DEFAULT '1' NOT NULL,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_catalogue_state PRIMARY KEY (one),
    CONSTRAINT ck_catalogue_state_one CHECK (one = 1)
);
CREATE TABLE holidays (
    id UUID NOT NULL,
    branch_id UUID NOT NULL,
    day DATE NOT NULL,
    name TEXT NOT NULL,
    opens SMALLINT,
    closes SMALLINT,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_holidays PRIMARY KEY (id),
    CONSTRAINT uq_holidays_branch_id_day UNIQUE (branch_id, day),
    CONSTRAINT ck_holidays_both CHECK ((opens IS NULL) = (closes IS NULL)),
    CONSTRAINT ck_holidays_clock CHECK (0 <= opens AND opens < closes AND closes <= 1440),
    CONSTRAINT fk_holidays_branch_id FOREIGN KEY(branch_id) REFERENCES branches (id)
);
CREATE TABLE pictures (
    id UUID NOT NULL,
    media_type TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    content BYTEA NOT NULL,
    CONSTRAINT pk_pictures PRIMARY KEY (id)
);
CREATE TABLE categories (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    position INTEGER DEFAULT '0' NOT NULL,
    picture_id UUID,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_categories PRIMARY KEY (id),
    CONSTRAINT fk_categories_picture_id FOREIGN KEY(picture_id) REFERENCES pictures (id)
);
CREATE UNIQUE INDEX uq_categories_name ON categories (lower(name));
CREATE TABLE branch_prices (
    service_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    price BIGINT,
    price_max BIGINT,
    offered BOOLEAN NOT NULL,
    CONSTRAINT pk_branch_prices PRIMARY KEY (service_id, branch_id),
    CONSTRAINT ck_branch_prices_price CHECK (price >= 0 AND price_max >= price),
    CONSTRAINT fk_branch_prices_service_id FOREIGN KEY(service_id) REFERENCES services (id),
    CONSTRAINT fk_branch_prices_branch_id FOREIGN KEY(branch_id) REFERENCES branches (id)
);
CREATE TABLE master_rooms (
    master_id UUID NOT NULL,
    room_id UUID NOT NULL,
    position SMALLINT NOT NULL,
    CONSTRAINT pk_master_rooms PRIMARY KEY (master_id, room_id),
    CONSTRAINT fk_master_rooms_master_id FOREIGN KEY(master_id) REFERENCES masters (id),
    CONSTRAINT fk_master_rooms_room_id FOREIGN KEY(room_id) REFERENCES rooms (id)
);
CREATE INDEX ix_master_rooms_room_id ON master_rooms (room_id);
CREATE TABLE questionnaires (
    master_id UUID NOT NULL,
    answers BYTEA NOT NULL,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_questionnaires PRIMARY KEY (master_id),
    CONSTRAINT fk_questionnaires_master_id FOREIGN KEY(master_id) REFERENCES masters (id)
);
CREATE TABLE open_hours (
    master_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_open_hours PRIMARY KEY (master_id, branch_id),
    CONSTRAINT fk_open_hours_master_id FOREIGN KEY(master_id) REFERENCES masters (id),
    CONSTRAINT fk_open_hours_branch_id FOREIGN KEY(branch_id) REFERENCES branches (id)
);
CREATE TABLE shift_templates (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    cycle_days SMALLINT NOT NULL,
    shifts JSONB NOT NULL,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_shift_templates PRIMARY KEY (id),
    CONSTRAINT ck_shift_templates_cycle_days CHECK (cycle_days BETWEEN 1 AND 56)
);
CREATE TABLE absences (
    id UUID NOT NULL,
    master_id UUID NOT NULL,
    kind TEXT NOT NULL,
    starts TIMESTAMP WITH TIME ZONE NOT NULL,
    ends TIMESTAMP WITH TIME ZONE NOT NULL,
    reason BYTEA,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_absences PRIMARY KEY (id),
    CONSTRAINT ck_absences_kind CHECK (kind IN ('leave', 'sick', 'absenteeism', 'training', 'other')),
    CONSTRAINT ck_absences_time CHECK (starts < ends),
    CONSTRAINT nobody_away_twice EXCLUDE USING gist (master_id WITH =, tstzrange(starts, ends) WITH &&),
    CONSTRAINT fk_absences_master_id FOREIGN KEY(master_id) REFERENCES masters (id)
);
CREATE INDEX ix_absences_master_id_ends ON absences (master_id, ends);
CREATE TABLE blocks (
    id UUID NOT NULL,
    branch_id UUID NOT NULL,
    master_id UUID,
    room_id UUID,
    starts TIMESTAMP WITH TIME ZONE NOT NULL,
    ends TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT NOT NULL,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_blocks PRIMARY KEY (id),
    CONSTRAINT ck_blocks_time CHECK (starts < ends),
    CONSTRAINT ck_blocks_one_of_both CHECK (num_nonnulls(master_id, room_id) = 1),
    CONSTRAINT fk_blocks_branch_id FOREIGN KEY(branch_id) REFERENCES branches (id),
    CONSTRAINT fk_blocks_master_id FOREIGN KEY(master_id) REFERENCES masters (id),
    CONSTRAINT fk_blocks_room_id FOREIGN KEY(room_id) REFERENCES rooms (id)
);
CREATE INDEX ix_blocks_branch_id_ends ON blocks (branch_id, ends);
CREATE INDEX ix_blocks_master_id ON blocks (master_id);
CREATE INDEX ix_blocks_room_id ON blocks (room_id);
CREATE TABLE holds (
    id UUID NOT NULL,
    branch_id UUID NOT NULL,
    client_id UUID,
    starts TIMESTAMP WITH TIME ZONE NOT NULL,
    ends TIMESTAMP WITH TIME ZONE NOT NULL,
    plan JSONB NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_holds PRIMARY KEY (id),
    CONSTRAINT fk_holds_branch_id FOREIGN KEY(branch_id) REFERENCES branches (id)
);
CREATE INDEX ix_holds_expires_at ON holds (expires_at);
CREATE TABLE group_events (
    id UUID NOT NULL,
    branch_id UUID NOT NULL,
    service_id UUID NOT NULL,
    master_id UUID NOT NULL,
    unit_ids UUID[] DEFAULT '{}' NOT NULL,
    starts TIMESTAMP WITH TIME ZONE NOT NULL,
    ends TIMESTAMP WITH TIME ZONE NOT NULL,
    before INTEGER NOT NULL,
    after INTEGER NOT NULL,
    phases JSONB DEFAULT '[]' NOT NULL,
    service_version BIGINT NOT NULL,
    price BIGINT NOT NULL,
    cost BIGINT,
    currency VARCHAR(3) NOT NULL,
    capacity INTEGER NOT NULL,
    places_left INTEGER NOT NULL,
    status TEXT DEFAULT 'planned' NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_group_events PRIMARY KEY (id),
    CONSTRAINT ck_group_events_status CHECK (status IN ('planned', 'cancelled')),
    CONSTRAINT ck_group_events_time CHECK (starts < ends),
    CONSTRAINT ck_group_events_places_left CHECK (places_left BETWEEN 0 AND capacity),
    CONSTRAINT fk_group_events_branch_id FOREIGN KEY(branch_id) REFERENCES branches (id),
    CONSTRAINT fk_group_events_service_id FOREIGN KEY(service_id) REFERENCES services (id),
    CONSTRAINT fk_group_events_master_id FOREIGN KEY(master_id) REFERENCES masters (id)
);
CREATE INDEX ix_group_events_branch_id_starts ON group_events (branch_id, starts);
CREATE INDEX ix_group_events_master_id ON group_events (master_id);
CREATE TABLE series (
    id UUID NOT NULL,
    branch_id UUID NOT NULL,
    client_id UUID NOT NULL,
    starts TIMESTAMP WITH TIME ZONE NOT NULL,
    rule JSONB NOT NULL,
    segments JSONB NOT NULL,
    left_out JSONB DEFAULT '[]' NOT NULL,
    channel TEXT,
    split_from UUID,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    gone BIGINT DEFAULT '0' NOT NULL,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_series PRIMARY KEY (id),
    CONSTRAINT fk_series_branch_id FOREIGN KEY(branch_id) REFERENCES branches (id),
    CONSTRAINT fk_series_split_from FOREIGN KEY(split_from) REFERENCES series (id)
);
CREATE INDEX ix_series_client_id ON series (client_id);
CREATE TABLE waiting_entries (
    id UUID NOT NULL,
    branch_id UUID NOT NULL,
    client_id UUID NOT NULL,
    segments JSONB NOT NULL,
    earliest DATE NOT NULL,
    latest DATE NOT NULL,
    times JSONB DEFAULT '[]' NOT NULL,
    status TEXT DEFAULT 'waiting' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    hold_id UUID,
    opening_id UUID,
    offers_made INTEGER DEFAULT '0' NOT NULL,
    appointment_id UUID,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_waiting_entries PRIMARY KEY (id),
    CONSTRAINT ck_waiting_entries_status CHECK (status IN ('waiting', 'offered', 'booked', 'expired', 'cancelled')),
    CONSTRAINT ck_waiting_entries_dates CHECK (earliest <= latest),
    CONSTRAINT fk_waiting_entries_branch_id FOREIGN KEY(branch_id) REFERENCES branches (id),
    CONSTRAINT fk_waiting_entries_hold_id FOREIGN KEY(hold_id) REFERENCES holds (id) ON DELETE SET NULL,
    CONSTRAINT fk_waiting_entries_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id)
);
CREATE INDEX ix_waiting_entries_branch_id_status_created_at ON waiting_entries (branch_id, status, created_at);
CREATE INDEX ix_waiting_entries_client_id ON waiting_entries (client_id);
CREATE INDEX ix_waiting_entries_hold_id ON waiting_entries (hold_id);
CREATE TABLE openings (
    id UUID NOT NULL,
    branch_id UUID NOT NULL,
    starts TIMESTAMP WITH TIME ZONE NOT NULL,
    ends TIMESTAMP WITH TIME ZONE NOT NULL,
    freed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    passed_by UUID[] DEFAULT '{}' NOT NULL,
    worked_off BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_openings PRIMARY KEY (id),
    CONSTRAINT fk_openings_branch_id FOREIGN KEY(branch_id) REFERENCES branches (id)
);
CREATE INDEX ix_openings_ends ON openings (ends);
CREATE TABLE feeds (
    id UUID NOT NULL,
    content TEXT NOT NULL,
    master_id UUID,
    branch_id UUID,
    branch_ids UUID[],
    key_hash BYTEA NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_feeds PRIMARY KEY (id),
    CONSTRAINT ck_feeds_one_of_both CHECK (num_nonnulls(master_id, branch_id) = 1),
    CONSTRAINT ck_feeds_content CHECK (content IN ('appointments', 'shifts', 'both')),
    CONSTRAINT fk_feeds_master_id FOREIGN KEY(master_id) REFERENCES masters (id),
    CONSTRAINT fk_feeds_branch_id FOREIGN KEY(branch_id) REFERENCES branches (id),
    CONSTRAINT uq_feeds_key_hash UNIQUE (key_hash)
);
CREATE INDEX ix_feeds_branch_id ON feeds (branch_id);
CREATE INDEX ix_feeds_master_id ON feeds (master_id)"""

NEW_COLUMNS = """
ALTER TABLE branches ADD COLUMN policy JSONB DEFAULT '{}' NOT NULL;
ALTER TABLE rooms ADD COLUMN kind TEXT DEFAULT 'room' NOT NULL,
    ADD COLUMN hours JSONB DEFAULT '[]' NOT NULL,
    ADD COLUMN active BOOLEAN DEFAULT true NOT NULL;
ALTER TABLE services ADD COLUMN price_max BIGINT,
    ADD COLUMN description TEXT,
    ADD COLUMN picture_id UUID,
    ADD COLUMN phases JSONB DEFAULT '[]' NOT NULL,
    ADD COLUMN room_kinds TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN capacity INTEGER DEFAULT '1' NOT NULL,
    ADD COLUMN repeat_days INTEGER,
    ADD COLUMN policy JSONB DEFAULT '{}' NOT NULL,
    ADD CONSTRAINT ck_services_price_max CHECK (price_max >= price),
    ADD CONSTRAINT ck_services_capacity CHECK (capacity > 0),
    ADD CONSTRAINT ck_services_repeat_days CHECK (repeat_days > 0),
    ADD CONSTRAINT fk_services_picture_id FOREIGN KEY(picture_id) REFERENCES pictures (id);
ALTER TABLE masters ADD COLUMN bookable_online BOOLEAN DEFAULT true NOT NULL,
    ADD COLUMN permits JSONB DEFAULT '[]' NOT NULL,
    ADD COLUMN picture_id UUID,
    ADD CONSTRAINT fk_masters_picture_id FOREIGN KEY(picture_id) REFERENCES pictures (id);
ALTER TABLE master_services ADD COLUMN duration_minutes INTEGER,
    ADD COLUMN price BIGINT,
    ADD COLUMN buffer_before_minutes INTEGER,
    ADD COLUMN buffer_after_minutes INTEGER,
    ADD CONSTRAINT ck_master_services_duration CHECK (duration_minutes > 0),
    ADD CONSTRAINT ck_master_services_price CHECK (price >= 0),
    ADD CONSTRAINT ck_master_services_buffers CHECK (buffer_before_minutes >= 0 AND buffer_after_minutes >= 0);
CREATE INDEX ix_shifts_master_id_ends_at ON shifts (master_id, ends_at);
ALTER TABLE appointments ADD COLUMN series_id UUID,
    ADD COLUMN occurrence TIMESTAMP WITH TIME ZONE,
    ADD COLUMN group_event_id UUID,
    ADD COLUMN overlap BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN arrived_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN expected_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN cancelled_by TEXT,
    ADD COLUMN hold_id UUID,
    ADD COLUMN key_hash BYTEA,
    ADD CONSTRAINT ck_appointments_occurrence CHECK ((series_id IS NULL) = (occurrence IS NULL)),
    ADD CONSTRAINT ck_appointments_arrived CHECK ((arrived_at IS NULL) = (expected_at IS NULL)),
    ADD CONSTRAINT ck_appointments_cancelled_by CHECK (cancelled_by IN ('client', 'staff', 'erasure')),
    ADD CONSTRAINT uq_appointments_series_id_occurrence UNIQUE (series_id, occurrence),
    ADD CONSTRAINT uq_appointments_hold_id UNIQUE (hold_id),
    ADD CONSTRAINT uq_appointments_key_hash UNIQUE (key_hash),
    ADD CONSTRAINT fk_appointments_series_id FOREIGN KEY(series_id) REFERENCES series (id),
    ADD CONSTRAINT fk_appointments_group_event_id FOREIGN KEY(group_event_id) REFERENCES group_events (id);
CREATE INDEX ix_appointments_group_event_id ON appointments (group_event_id);
ALTER TABLE segments ADD COLUMN cost BIGINT,
    ADD COLUMN phases JSONB DEFAULT '[]' NOT NULL,
    ADD COLUMN service_version BIGINT,
    ADD COLUMN parallel BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN unit_ids UUID[] DEFAULT '{}' NOT NULL;
ALTER TABLE lines ADD COLUMN cost BIGINT;
ALTER TABLE history ADD COLUMN details JSONB"""

BUSY = """
ALTER TABLE busy ALTER COLUMN appointment_id DROP NOT NULL,
    ADD COLUMN hold_id UUID,
    ADD COLUMN block_id UUID,
    ADD COLUMN group_event_id UUID,
    ADD COLUMN place SMALLINT DEFAULT '0' NOT NULL,
    ADD COLUMN expires_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT ck_busy_place CHECK (place >= 0),
    ADD CONSTRAINT ck_busy_one_owner CHECK (num_nonnulls(appointment_id, hold_id, block_id, group_event_id) = 1),
    ADD CONSTRAINT ck_busy_expires_at CHECK ((expires_at IS NULL) = (hold_id IS NULL)),
    ADD CONSTRAINT fk_busy_hold_id FOREIGN KEY(hold_id) REFERENCES holds (id) ON DELETE CASCADE,
    ADD CONSTRAINT fk_busy_block_id FOREIGN KEY(block_id) REFERENCES blocks (id),
    ADD CONSTRAINT fk_busy_group_event_id FOREIGN KEY(group_event_id) REFERENCES group_events (id),
    DROP CONSTRAINT nobody_twice_at_once,
    ADD CONSTRAINT nobody_twice_at_once
        EXCLUDE USING gist (resource_id WITH =, place WITH =, lane WITH =, during WITH &&);
CREATE INDEX ix_busy_hold_id ON busy (hold_id);
CREATE INDEX ix_busy_block_id ON busy (block_id);
CREATE INDEX ix_busy_group_event_id ON busy (group_event_id)"""

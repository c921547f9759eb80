"""The first tables: settings, the salon, appointments with their bills, busy times, copies."""

from alembic import op

from chassis.migrations import create_bus_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_bus_tables()
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for statement in TABLES.strip().split(";\n"):
        op.execute(statement)


TABLES = """
CREATE TABLE branches (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    address TEXT,
    opening_hours JSONB DEFAULT '[]' NOT NULL,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_branches PRIMARY KEY (id)
);
CREATE TABLE discounts (
    client_id UUID NOT NULL,
    version BIGINT NOT NULL,
    percent NUMERIC(5, 2) NOT NULL,
    as_of TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_discounts PRIMARY KEY (client_id)
);
CREATE TABLE known_clients (
    client_id UUID NOT NULL,
    version BIGINT NOT NULL,
    erased BOOLEAN NOT NULL,
    CONSTRAINT pk_known_clients PRIMARY KEY (client_id)
);
CREATE TABLE masters (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    user_id UUID,
    active BOOLEAN NOT NULL,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_masters PRIMARY KEY (id),
    CONSTRAINT uq_masters_user_id UNIQUE (user_id)
);
CREATE TABLE services (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    duration_minutes INTEGER NOT NULL,
    price BIGINT NOT NULL,
    cost BIGINT,
    currency VARCHAR(3) NOT NULL,
    buffer_before_minutes INTEGER NOT NULL,
    buffer_after_minutes INTEGER NOT NULL,
    bookable_online BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_services PRIMARY KEY (id),
    CONSTRAINT ck_services_duration CHECK (duration_minutes > 0),
    CONSTRAINT ck_services_price CHECK (price >= 0 AND cost >= 0),
    CONSTRAINT ck_services_buffers CHECK (buffer_before_minutes >= 0 AND buffer_after_minutes >= 0)
);
CREATE TABLE settings (
    one SMALLINT DEFAULT '1' NOT NULL,
    currency VARCHAR(3),
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_settings PRIMARY KEY (one),
    CONSTRAINT ck_settings_one CHECK (one = 1)
);
INSERT INTO settings DEFAULT VALUES;
CREATE TABLE appointments (
    id UUID NOT NULL,
    branch_id UUID NOT NULL,
    client_id UUID,
    status TEXT NOT NULL,
    starts TIMESTAMP WITH TIME ZONE NOT NULL,
    ends TIMESTAMP WITH TIME ZONE NOT NULL,
    local_date DATE NOT NULL,
    channel TEXT,
    currency VARCHAR(3) NOT NULL,
    percent NUMERIC(5, 2) NOT NULL,
    discount_as_of TIMESTAMP WITH TIME ZONE,
    comment BYTEA,
    reason BYTEA,
    reference TEXT,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_appointments PRIMARY KEY (id),
    CONSTRAINT ck_appointments_status CHECK (
        status IN ('booked', 'confirmed', 'arrived', 'completed', 'cancelled', 'no_show')
    ),
    CONSTRAINT ck_appointments_time CHECK (starts <= ends),
    CONSTRAINT ck_appointments_percent CHECK (percent BETWEEN 0 AND 100),
    CONSTRAINT fk_appointments_branch_id FOREIGN KEY(branch_id) REFERENCES branches (id),
    CONSTRAINT uq_appointments_reference UNIQUE (reference)
);
CREATE INDEX ix_appointments_branch_id_starts_id ON appointments (branch_id, starts, id);
CREATE INDEX ix_appointments_client_id_starts_id ON appointments (client_id, starts, id);
CREATE INDEX ix_appointments_starts_id ON appointments (starts, id);
CREATE TABLE master_services (
    master_id UUID NOT NULL,
    service_id UUID NOT NULL,
    position SMALLINT NOT NULL,
    CONSTRAINT pk_master_services PRIMARY KEY (master_id, service_id),
    CONSTRAINT fk_master_services_master_id FOREIGN KEY(master_id) REFERENCES masters (id),
    CONSTRAINT fk_master_services_service_id FOREIGN KEY(service_id) REFERENCES services (id)
);
CREATE INDEX ix_master_services_service_id ON master_services (service_id);
CREATE TABLE rooms (
    id UUID NOT NULL,
    branch_id UUID NOT NULL,
    name TEXT NOT NULL,
    capacity INTEGER NOT NULL,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_rooms PRIMARY KEY (id),
    CONSTRAINT ck_rooms_capacity CHECK (capacity > 0),
    CONSTRAINT fk_rooms_branch_id FOREIGN KEY(branch_id) REFERENCES branches (id)
);
CREATE INDEX ix_rooms_branch_id ON rooms (branch_id);
CREATE TABLE shifts (
    id UUID NOT NULL,
    master_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    day DATE NOT NULL,
    starts SMALLINT NOT NULL,
    ends SMALLINT NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_shifts PRIMARY KEY (id),
    CONSTRAINT ck_shifts_clock CHECK (0 <= starts AND starts < ends AND ends <= 1440),
    CONSTRAINT ck_shifts_instants CHECK (starts_at < ends_at),
    CONSTRAINT no_two_shifts_at_once EXCLUDE USING gist (master_id WITH =, tstzrange(starts_at, ends_at) WITH &&),
    CONSTRAINT fk_shifts_master_id FOREIGN KEY(master_id) REFERENCES masters (id),
    CONSTRAINT fk_shifts_branch_id FOREIGN KEY(branch_id) REFERENCES branches (id)
);
CREATE INDEX ix_shifts_branch_id_ends_at ON shifts (branch_id, ends_at);
CREATE INDEX ix_shifts_master_id_day ON shifts (master_id, day);
CREATE TABLE busy (
    id UUID NOT NULL,
    appointment_id UUID NOT NULL,
    resource_kind TEXT NOT NULL,
    resource_id UUID NOT NULL,
    during TSTZRANGE NOT NULL,
    lane SMALLINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_busy PRIMARY KEY (id),
    CONSTRAINT ck_busy_resource_kind CHECK (resource_kind IN ('master', 'room', 'client')),
    CONSTRAINT ck_busy_lane CHECK (lane >= 0),
    CONSTRAINT nobody_twice_at_once EXCLUDE USING gist (resource_id WITH =, lane WITH =, during WITH &&),
    CONSTRAINT fk_busy_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id)
);
CREATE INDEX ix_busy_appointment_id ON busy (appointment_id);
CREATE TABLE history (
    appointment_id UUID NOT NULL,
    version BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    caller TEXT NOT NULL,
    change TEXT NOT NULL,
    reason BYTEA,
    CONSTRAINT pk_history PRIMARY KEY (appointment_id, version),
    CONSTRAINT fk_history_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id)
);
CREATE TABLE payments (
    id UUID NOT NULL,
    appointment_id UUID NOT NULL,
    position SMALLINT NOT NULL,
    kind TEXT NOT NULL,
    amount BIGINT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    refund BOOLEAN NOT NULL,
    CONSTRAINT pk_payments PRIMARY KEY (id),
    CONSTRAINT ck_payments_kind CHECK (kind IN ('cash', 'card', 'transfer', 'online', 'other')),
    CONSTRAINT ck_payments_refund CHECK (NOT refund OR amount < 0),
    CONSTRAINT fk_payments_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id)
);
CREATE INDEX ix_payments_appointment_id ON payments (appointment_id);
CREATE TABLE segments (
    id UUID NOT NULL,
    appointment_id UUID NOT NULL,
    position SMALLINT NOT NULL,
    service_id UUID NOT NULL,
    master_id UUID NOT NULL,
    starts TIMESTAMP WITH TIME ZONE NOT NULL,
    ends TIMESTAMP WITH TIME ZONE NOT NULL,
    price BIGINT NOT NULL,
    before INTEGER NOT NULL,
    after INTEGER NOT NULL,
    room_id UUID,
    CONSTRAINT pk_segments PRIMARY KEY (id),
    CONSTRAINT fk_segments_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id),
    CONSTRAINT fk_segments_service_id FOREIGN KEY(service_id) REFERENCES services (id),
    CONSTRAINT fk_segments_master_id FOREIGN KEY(master_id) REFERENCES masters (id),
    CONSTRAINT fk_segments_room_id FOREIGN KEY(room_id) REFERENCES rooms (id)
);
CREATE INDEX ix_segments_appointment_id ON segments (appointment_id);
CREATE INDEX ix_segments_master_id_starts ON segments (master_id, starts);
CREATE TABLE lines (
    id UUID NOT NULL,
    appointment_id UUID NOT NULL,
    position SMALLINT NOT NULL,
    kind TEXT NOT NULL,
    price BIGINT NOT NULL,
    discount BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    segment_id UUID,
    service_id UUID,
    master_id UUID,
    text TEXT,
    CONSTRAINT pk_lines PRIMARY KEY (id),
    CONSTRAINT ck_lines_kind CHECK (kind IN ('service', 'retail', 'adjustment')),
    CONSTRAINT ck_lines_discount CHECK (discount >= 0),
    CONSTRAINT ck_lines_refunded CHECK (refunded = 0 OR refunded BETWEEN 0 AND price - discount),
    CONSTRAINT fk_lines_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id),
    CONSTRAINT fk_lines_segment_id FOREIGN KEY(segment_id) REFERENCES segments (id),
    CONSTRAINT fk_lines_service_id FOREIGN KEY(service_id) REFERENCES services (id),
    CONSTRAINT fk_lines_master_id FOREIGN KEY(master_id) REFERENCES masters (id)
);
CREATE INDEX ix_lines_appointment_id ON lines (appointment_id);
CREATE INDEX ix_lines_segment_id ON lines (segment_id);
CREATE TABLE refunds (
    id UUID NOT NULL,
    line_id UUID NOT NULL,
    amount BIGINT NOT NULL,
    refunded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_refunds PRIMARY KEY (id),
    CONSTRAINT ck_refunds_amount CHECK (amount > 0),
    CONSTRAINT fk_refunds_line_id FOREIGN KEY(line_id) REFERENCES lines (id)
);
CREATE INDEX ix_refunds_line_id ON refunds (line_id)
"""

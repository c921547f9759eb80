"""What questions are answered from, beside the facts."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for part in (FIGURES, WORKLOAD, PEOPLE, REPORTS):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


FIGURES = """
CREATE TABLE client_years (
    client_id UUID NOT NULL,
    year SMALLINT NOT NULL,
    branch_id UUID,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    visits INTEGER NOT NULL,
    revenue BIGINT NOT NULL,
    discount BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    CONSTRAINT uq_client_years_key UNIQUE NULLS NOT DISTINCT (client_id, year, branch_id)
) WITH (fillfactor = 80);
CREATE INDEX ix_client_years_year ON client_years (year, branch_id);
INSERT INTO client_years (client_id, year, branch_id, first_day, last_day, visits, revenue, discount, cost)
SELECT client_id, coalesce(extract(year FROM local_date), 0), branch_id, min(local_date), max(local_date), count(*),
    sum(revenue), sum(discount), sum(cost)
FROM visits WHERE client_id IS NOT NULL
GROUP BY GROUPING SETS ((client_id, extract(year FROM local_date), branch_id),
    (client_id, extract(year FROM local_date)), (client_id, branch_id), (client_id))
"""

# What is there already is counted by the job that counts what changes.
WORKLOAD = """
CREATE TABLE days_due (
    local_date DATE NOT NULL,
    branch_id UUID NOT NULL,
    CONSTRAINT pk_days_due PRIMARY KEY (local_date, branch_id)
);
CREATE TABLE went (
    span TEXT NOT NULL,
    since DATE NOT NULL,
    branch_id UUID NOT NULL,
    master_id UUID,
    appointments INTEGER NOT NULL,
    kept INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    cancelled_by_client INTEGER NOT NULL,
    missed INTEGER NOT NULL,
    arrivals INTEGER NOT NULL,
    late INTEGER NOT NULL,
    late_minutes INTEGER NOT NULL,
    settled INTEGER NOT NULL,
    rebooked INTEGER NOT NULL,
    over_at TIMESTAMPTZ,
    CONSTRAINT uq_went_key UNIQUE NULLS NOT DISTINCT (span, since, branch_id, master_id)
);
CREATE TABLE work_months (
    month DATE NOT NULL,
    branch_id UUID NOT NULL,
    kind TEXT NOT NULL,
    resource_id UUID NOT NULL,
    open_minutes INTEGER NOT NULL,
    busy_minutes INTEGER NOT NULL,
    outside_minutes INTEGER NOT NULL,
    CONSTRAINT pk_work_months PRIMARY KEY (month, branch_id, kind, resource_id)
);
DROP INDEX ix_work_days_unit;
CREATE INDEX ix_work_months_unit ON work_months (branch_id, resource_id) WHERE kind = 'unit';
CREATE TABLE channel_days (
    local_date DATE NOT NULL,
    branch_id UUID NOT NULL,
    channel TEXT,
    appointments INTEGER NOT NULL,
    CONSTRAINT uq_channel_days_key UNIQUE NULLS NOT DISTINCT (local_date, branch_id, channel)
);
CREATE TABLE week_hours (
    month DATE NOT NULL,
    branch_id UUID NOT NULL,
    weekday SMALLINT NOT NULL,
    hour SMALLINT NOT NULL,
    visits INTEGER NOT NULL,
    known_visits INTEGER NOT NULL,
    open_minutes INTEGER NOT NULL,
    CONSTRAINT pk_week_hours PRIMARY KEY (month, branch_id, weekday, hour)
);
CREATE TABLE cohorts (
    span TEXT NOT NULL,
    who TEXT NOT NULL,
    kind TEXT NOT NULL,
    since DATE NOT NULL,
    branch_id UUID,
    master_id UUID,
    clients INTEGER NOT NULL,
    within_30 INTEGER NOT NULL,
    within_60 INTEGER NOT NULL,
    within_90 INTEGER NOT NULL,
    within_120 INTEGER NOT NULL,
    within_180 INTEGER NOT NULL,
    within_365 INTEGER NOT NULL,
    after_1 INTEGER NOT NULL,
    after_2 INTEGER NOT NULL,
    after_3 INTEGER NOT NULL,
    after_4 INTEGER NOT NULL,
    after_5 INTEGER NOT NULL,
    after_6 INTEGER NOT NULL,
    after_7 INTEGER NOT NULL,
    after_8 INTEGER NOT NULL,
    after_9 INTEGER NOT NULL,
    after_10 INTEGER NOT NULL,
    after_11 INTEGER NOT NULL,
    after_12 INTEGER NOT NULL,
    CONSTRAINT uq_cohorts_key UNIQUE NULLS NOT DISTINCT (span, who, kind, since, branch_id, master_id)
);
CREATE INDEX ix_cohorts_empty ON cohorts (since) WHERE clients = 0;
CREATE INDEX ix_work_days_together ON work_days (kind, local_date) WHERE kind IN ('branch', 'masters', 'units');
DROP INDEX ix_enquiries_received_at;
CREATE INDEX ix_enquiries_received_at ON enquiries (received_at) INCLUDE (answered_at, branch_id);
ALTER TABLE enquiries
    ADD COLUMN previous_at TIMESTAMPTZ,
    ADD COLUMN previous_here_at TIMESTAMPTZ,
    ADD COLUMN lead BOOLEAN NOT NULL DEFAULT true,
    ADD COLUMN booked BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN came_at TIMESTAMPTZ,
    ADD COLUMN regular BOOLEAN NOT NULL DEFAULT false;
CREATE TABLE cohorts_due (
    appointment_id UUID NOT NULL,
    client_id UUID,
    local_date DATE,
    branch_id UUID,
    master_ids UUID[],
    CONSTRAINT pk_cohorts_due PRIMARY KEY (appointment_id)
);
CREATE INDEX ix_cohorts_due_client_id ON cohorts_due (client_id);
CREATE TABLE forecasts (
    branch_id UUID,
    service_id UUID,
    category TEXT,
    checked_on DATE NOT NULL,
    made_from TEXT NOT NULL,
    document JSONB,
    CONSTRAINT uq_forecasts_of UNIQUE NULLS NOT DISTINCT (branch_id, service_id, category)
);
CREATE INDEX ix_forecasts_made_from ON forecasts (made_from);
INSERT INTO cohorts_due (appointment_id) SELECT appointment_id FROM visits;
WITH stages AS (
    SELECT enquiry_id, own.received_at, first.starts AS came_at,
        lag(own.received_at) OVER (PARTITION BY client_id ORDER BY own.received_at, enquiry_id) AS previous_at,
        lag(own.received_at) OVER (PARTITION BY client_id, branch_id ORDER BY own.received_at, enquiry_id)
            AS previous_here_at,
        NOT EXISTS (SELECT FROM visits WHERE visits.client_id = own.client_id AND visits.starts < own.received_at)
            AS lead,
        first.starts IS NOT NULL OR EXISTS (
            SELECT FROM bookings WHERE bookings.client_id = own.client_id AND bookings.booked_at >= own.received_at
        ) AS booked,
        (SELECT count(DISTINCT local_date) FROM visits
            WHERE visits.client_id = own.client_id AND visits.starts >= own.received_at
                AND visits.local_date < first.local_date + 365) >= 3 AS regular
    FROM enquiries AS own
    LEFT JOIN LATERAL (
        SELECT starts, local_date FROM visits
        WHERE visits.client_id = own.client_id AND visits.starts >= own.received_at ORDER BY starts, local_date LIMIT 1
    ) AS first ON true
)
UPDATE enquiries SET previous_at = stages.previous_at, previous_here_at = stages.previous_here_at, lead = stages.lead,
    booked = stages.booked, came_at = stages.came_at, regular = coalesce(stages.regular, false)
FROM stages WHERE enquiries.enquiry_id = stages.enquiry_id;
INSERT INTO days_due (local_date, branch_id)
SELECT local_date, branch_id FROM bookings UNION SELECT local_date, branch_id FROM open_days
UNION SELECT local_date, branch_id FROM visits
"""

# Rows of the release before stand until everybody is judged anew, which is within a minute.
PEOPLE = """
ALTER TABLE client_standings
    ADD COLUMN middle_gap DOUBLE PRECISION NOT NULL DEFAULT 0,
    ADD COLUMN gap_logs DOUBLE PRECISION NOT NULL DEFAULT 0,
    ADD COLUMN spent BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN earned BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN margin_value DOUBLE PRECISION,
    ADD COLUMN network_value DOUBLE PRECISION;
DROP INDEX ix_client_standings_branch_id;
CREATE INDEX ix_client_standings_branch_id ON client_standings USING brin (branch_id)
"""

REPORTS = """
ALTER TABLE sources ALTER COLUMN channel DROP NOT NULL;
CREATE TABLE dashboards (
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    document JSONB NOT NULL,
    shared BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by UUID NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_dashboards PRIMARY KEY (id)
);
CREATE INDEX ix_dashboards_created_by ON dashboards (created_by)
"""

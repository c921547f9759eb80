"""What pays for a visit besides money; what was promised line by line."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for part in (BILLS,):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


# Bills of before say no source: a discount was promised, and nobody knows any more by what. Their lines get the
# percentage of the visit, which they were made of.
BILLS = """
ALTER TABLE appointments
    ADD COLUMN discount_source TEXT DEFAULT 'none' NOT NULL,
    ADD COLUMN programme_version BIGINT,
    ADD COLUMN codes TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN verdict JSONB DEFAULT '{}' NOT NULL,
    ADD COLUMN completed_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT ck_appointments_discount_source
        CHECK (discount_source IN ('loyalty', 'promise', 'copy', 'recorded', 'none'));
ALTER TABLE lines ADD COLUMN percent NUMERIC DEFAULT '0' NOT NULL;
ALTER TABLE payments
    ADD COLUMN reservation_id UUID,
    ADD COLUMN line_id UUID,
    ADD CONSTRAINT fk_payments_line_id_lines FOREIGN KEY (line_id) REFERENCES lines (id),
    DROP CONSTRAINT ck_payments_kind,
    ADD CONSTRAINT ck_payments_kind
        CHECK (kind IN ('cash', 'card', 'transfer', 'online', 'other', 'points', 'certificate', 'membership'));
ALTER TABLE discounts ADD COLUMN by_branch JSONB DEFAULT '{}' NOT NULL;
UPDATE appointments SET discount_source = 'promise' WHERE percent > 0;
UPDATE appointments SET completed_at = history.at FROM history
    WHERE history.appointment_id = appointments.id AND history.change = 'completed';
UPDATE lines SET percent = appointments.percent FROM appointments
    WHERE lines.appointment_id = appointments.id AND lines.kind = 'service' AND appointments.percent > 0
"""

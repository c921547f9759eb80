"""Imports and requests from sites; merged cards; reveals; lists taken out; money and discounts of a person."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for part in (
        IMPORTS,
        MERGES,
        REVEALS,
        EXPORTS,
        MONEY,
        CARD,
        SEARCH,
    ):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


IMPORTS = """
"""

MERGES = """
"""

REVEALS = """
"""

EXPORTS = """
"""

MONEY = """
"""

CARD = """
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

"""What rules give to cards."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for part in (RULES,):
        for statement in part.strip().split(";\n"):
            if statement:
                op.execute(statement)


# Of cards that others have heard of in fewer words they are told again, a few at a time.
RULES = """
ALTER TABLE clients ADD COLUMN sorted_category_ids UUID[] NOT NULL DEFAULT '{}';
ALTER TABLE clients ADD COLUMN sorted_importance BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE clients ADD COLUMN shared_contact BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE clients ADD COLUMN told_version BIGINT NOT NULL DEFAULT '0';
CREATE TABLE sortings (
    client_id UUID NOT NULL,
    version BIGINT NOT NULL,
    importance TEXT,
    importance_reason TEXT,
    importance_off BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_sortings PRIMARY KEY (client_id),
    CONSTRAINT fk_sortings_client_id FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT ck_sortings_importance CHECK (importance IN ('bronze', 'silver', 'gold'))
);
CREATE TABLE sorted_labels (
    client_id UUID NOT NULL,
    category_id UUID NOT NULL,
    place SMALLINT NOT NULL,
    reason TEXT NOT NULL,
    taken_off BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_sorted_labels PRIMARY KEY (client_id, category_id),
    CONSTRAINT fk_sorted_labels_client_id FOREIGN KEY (client_id) REFERENCES sortings (client_id) ON DELETE CASCADE,
    CONSTRAINT fk_sorted_labels_category_id FOREIGN KEY (category_id)
        REFERENCES client_categories (id) ON DELETE CASCADE
);
CREATE INDEX ix_sorted_labels_category_id ON sorted_labels (category_id);
CREATE TABLE untold (
    client_id UUID NOT NULL,
    CONSTRAINT pk_untold PRIMARY KEY (client_id),
    CONSTRAINT fk_untold_client_id FOREIGN KEY (client_id) REFERENCES clients (id)
);
INSERT INTO untold (client_id) SELECT id FROM clients
    WHERE erased_at IS NULL AND (referrer_id IS NOT NULL OR importance <> 'none' OR category_ids <> '{}')
"""

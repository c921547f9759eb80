"""A key for each class of data, and the versions of master keys that may wrap: what is in use cannot be retired."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)


STATEMENTS = """
CREATE TABLE master_versions (
    key_class TEXT NOT NULL,
    version INTEGER NOT NULL,
    since TIMESTAMPTZ DEFAULT now() NOT NULL,
    CONSTRAINT pk_master_versions PRIMARY KEY (key_class, version)
);
INSERT INTO master_versions (key_class, version) SELECT DISTINCT 'person', master_version FROM person_keys;
ALTER TABLE person_keys ADD COLUMN key_class TEXT DEFAULT 'person' NOT NULL;
ALTER TABLE person_keys DROP CONSTRAINT pk_person_keys;
ALTER TABLE person_keys ADD CONSTRAINT pk_person_keys PRIMARY KEY (person_id, key_class);
ALTER TABLE person_keys ADD CONSTRAINT fk_person_keys_key_class_master_version
    FOREIGN KEY (key_class, master_version) REFERENCES master_versions (key_class, version)
"""

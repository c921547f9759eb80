"""The wrapped data key of each person."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE person_keys (
            person_id UUID NOT NULL,
            master_version INTEGER NOT NULL,
            wrapped BYTEA NOT NULL,
            made_at TIMESTAMPTZ DEFAULT now() NOT NULL,
            CONSTRAINT pk_person_keys PRIMARY KEY (person_id)
        )
        """
    )

"""Which texts whoever books online is asked about; none of those that were there."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE consent_documents
            ADD COLUMN asked_online TEXT NOT NULL DEFAULT 'no',
            ADD CONSTRAINT ck_consent_documents_asked_online CHECK (asked_online IN ('no', 'optional', 'required'))
        """
    )

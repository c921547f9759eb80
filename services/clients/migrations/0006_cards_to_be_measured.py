"""Cards that were written before sex and birth were told: both lie sealed, and only the service opens them."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE unmeasured (
            client_id UUID NOT NULL,
            CONSTRAINT pk_unmeasured PRIMARY KEY (client_id),
            CONSTRAINT fk_unmeasured_client_id FOREIGN KEY (client_id) REFERENCES clients (id)
        )
        """
    )
    op.execute(
        "INSERT INTO unmeasured (client_id) SELECT id FROM clients"
        " WHERE erased_at IS NULL AND sex IS NULL AND birth_band IS NULL"
    )

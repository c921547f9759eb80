"""How the salon shows itself: its name, its logo, its colour."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE settings
            ADD COLUMN name TEXT,
            ADD COLUMN logo_id UUID,
            ADD COLUMN colour VARCHAR(7),
            ADD CONSTRAINT fk_settings_logo_id_pictures FOREIGN KEY (logo_id) REFERENCES pictures (id),
            ADD CONSTRAINT ck_settings_colour CHECK (colour ~ '^#[0-9a-f]{6}$')
    """)

"""Logins of clients are sealed under a key of the account's own, and found by a blind value."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """The service itself seals those that there are when it starts: the keys are not here."""
    op.execute("ALTER TABLE users ALTER COLUMN login DROP NOT NULL")
    op.execute("ALTER TABLE users ADD COLUMN sealed_login BYTEA")
    op.execute("ALTER TABLE users ADD CONSTRAINT ck_users_login CHECK ((login IS NULL) = (sealed_login IS NOT NULL))")

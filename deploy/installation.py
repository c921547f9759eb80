"""What every shape on one machine keeps below LOKON_DATA: databases, keys, logs, the first owner's password."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from chassis import assembly
from chassis.config import Settings
from deploy.postgres import PostgresServer


@dataclass(frozen=True)
class Installation:
    """One data folder."""

    folder: Path

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def make_folders(self) -> None:
        """Only the owner may enter: keys and personal data lie below."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.logs.mkdir(exist_ok=True, mode=0o700)

    def owner_password(self, given: str | None) -> str | None:
        """The password that the first owner is made with; None when an earlier start has made and shown it.

        It waits in a file until it is shown, so that a first start that is interrupted does not lock the owner out.
        """
        if given or self._shown.exists():
            return given
        if not self._waiting.exists():
            self._waiting.touch(mode=0o600)
            self._waiting.write_text(secrets.token_urlsafe(15))
        return self._waiting.read_text()

    def generated_password(self) -> str | None:
        """The generated password if it has not been shown yet."""
        return self._waiting.read_text() if self._waiting.exists() else None

    def note_password_shown(self) -> None:
        """From now on only the owner knows it."""
        self._shown.touch()
        self._waiting.unlink(missing_ok=True)

    @property
    def _waiting(self) -> Path:
        return self.folder / "owner-password"

    @property
    def _shown(self) -> Path:
        return self.folder / "owner-made"


def make_databases(server: PostgresServer, settings: Settings) -> dict[str, str]:
    """One database and one role per service, and one more for wrapped keys; their addresses by name."""
    addresses = {}
    for service in settings.services:
        for database in assembly.databases_of(service):
            server.ensure_database(database, role=service)
            addresses[database] = server.url(database, role=service)
    return addresses

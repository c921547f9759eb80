"""What every use case here needs besides the session and the request, and its keys."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from chassis.config import Settings
from chassis.crypto import TokenSigner
from chassis.keyring import Keyring
from chassis.masters import MasterKeys
from kernel.caller import Caller
from services.auth import domain
from services.auth.vault import Vault


class Keys:
    """The keys of this service: what users are called is sealed, failed logins counted blind, entries of the journal
    hashed, tokens signed."""

    def __init__(self, master: MasterKeys, signer: TokenSigner, keyring: Keyring) -> None:
        self._master = master
        self.signer = signer
        self.vault = Vault(keyring, master)

    @cached_property
    def failures(self) -> bytes:
        return self._master.derived("failed sign-ins")

    @cached_property
    def codes(self) -> bytes:
        return self._master.derived("codes to phones")

    @cached_property
    def journal(self) -> bytes:
        return self._master.derived("journal")

    @cached_property
    def replies(self) -> bytes:
        return self._master.derived("replies")


@dataclass(frozen=True)
class Desk:
    """Who asks, the clock, the keys and the settings."""

    caller: Caller
    now: datetime
    keys: Keys
    settings: Settings

    @property
    def limits(self) -> domain.Limits:
        return domain.Limits(
            timedelta(days=self.settings.session_days), timedelta(minutes=self.settings.session_idle_minutes)
        )

    @property
    def token_life(self) -> timedelta:
        return timedelta(seconds=self.settings.access_token_seconds)

"""What every part of clients on the wire has at hand."""

from datetime import date
from functools import cached_property
from typing import ClassVar
from uuid import UUID

from chassis.config import Settings
from chassis.keyring import Keyring
from chassis.masters import MasterKeys
from kernel.caller import Caller
from kernel.time import utc_now
from services.clients import usecases
from services.clients.vault import Vault


class Base:
    keyring: ClassVar[Keyring]
    master: ClassVar[MasterKeys]
    settings: ClassVar[Settings]

    @cached_property
    def vault(self) -> Vault:
        return Vault(self.keyring, self.master)

    def history_from(self, caller: Caller, client_id: UUID) -> date | None:
        """The first day of this client's past that the caller sees; clients see all of their own."""
        return None if caller.client_id == client_id else caller.history_from(utc_now().date())

    def desk(self, caller: Caller, unknown_branches: frozenset[UUID] = frozenset()) -> usecases.Desk:
        return usecases.Desk(
            caller,
            self.vault,
            utc_now(),
            self.settings.phone_region,
            unknown_branches,
            mass_reads_per_hour=self.settings.mass_reads_per_hour,
        )

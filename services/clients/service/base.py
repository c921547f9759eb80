"""What every part of clients on the wire has at hand."""

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

    def desk(self, caller: Caller, unknown_branches: frozenset[UUID] = frozenset()) -> usecases.Desk:
        return usecases.Desk(caller, self.vault, utc_now(), self.settings.phone_region, unknown_branches)

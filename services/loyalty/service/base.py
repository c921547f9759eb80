"""What every part of loyalty on the wire has at hand."""

from functools import cached_property
from typing import ClassVar

from chassis.keyring import Keyring
from chassis.masters import MasterKeys
from services.loyalty.vault import Vault


class Base:
    keyring: ClassVar[Keyring]
    master: ClassVar[MasterKeys]

    @cached_property
    def vault(self) -> Vault:
        return Vault(self.keyring, self.master)

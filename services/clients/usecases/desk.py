"""What every use case here needs besides the session and the request."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.caller import Caller
from services.clients import domain
from services.clients.vault import Vault


@dataclass(frozen=True)
class Desk:
    """What every use case here needs besides the session: who asks, the vault, the clock, where phones are at home.

    `unknown_branches`: ids of the request that, as booking said, are no branches; `unknown_favourites`:
    those that are no masters or services. `mass_reads_per_hour`: how many cards
    one user may open until the journal is told.
    """

    caller: Caller
    vault: Vault
    now: datetime
    phone_region: str
    unknown_branches: frozenset[UUID] = frozenset()
    mass_reads_per_hour: int = 100
    unknown_favourites: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Entered:
    """A card that is being written, where the request speaks of it, and whether its phones may be somebody else's."""

    card: domain.Card
    place: str = ""
    shared: bool = False

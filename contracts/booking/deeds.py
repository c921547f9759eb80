"""What booking tells the journal."""

from dataclasses import dataclass

from contracts.journal import Deed
from contracts.message import Event


@dataclass(frozen=True)
class HealthShown(Deed, Event):
    """Somebody was shown what of a client's card speaks against a visit."""

"""What loyalty tells the journal."""

from dataclasses import dataclass

from contracts.journal import Deed
from contracts.message import Event


@dataclass(frozen=True)
class LoyaltyHandled(Deed, Event):
    """Somebody gave a client by hand what the programme does not, or took it from them."""

"""What clients tells the journal."""

from dataclasses import dataclass

from contracts.journal import Deed
from contracts.message import Event


@dataclass(frozen=True)
class PersonalDataHandled(Deed, Event):
    """Somebody took in, read, gave out or joined data of persons in a way that has to be accounted for."""

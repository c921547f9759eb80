"""What clients announces."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.clients.words import Importance, Sex
from contracts.message import Event


@dataclass(frozen=True)
class ClientState:
    """What others may know of a card at `version`.

    `shared_contact`: it has a phone or an e-mail in common with that of the referrer. `category_ids` and `importance`
    are those of the card, whoever gave them. `birth_band` is the first of the five years in which they were born.
    """

    client_id: UUID
    version: int
    channel: str | None
    referrer_id: UUID | None
    home_branch_id: UUID | None
    registered_at: datetime
    occurred_at: datetime
    source_id: UUID | None = None
    shared_contact: bool = False
    category_ids: tuple[UUID, ...] = ()
    importance: Importance = "none"
    sex: Sex | None = None
    birth_band: int | None = None


@dataclass(frozen=True)
class ClientRegistered(ClientState, Event):
    pass


@dataclass(frozen=True)
class ClientChanged(ClientState, Event):
    """The source, the referrer, the home branch, the categories or the importance are others, or the verdict is."""


@dataclass(frozen=True)
class ClientErased(Event):
    """`erased_by` is the user who asked for it; None by the rules of retention."""

    client_id: UUID
    version: int
    occurred_at: datetime
    erased_by: UUID | None = None


@dataclass(frozen=True)
class EnquiryFacts:
    """What others may know of an enquiry at `version`: when it came, through which channel, and when it was answered.

    `known`: the card was there already.
    """

    enquiry_id: UUID
    version: int
    client_id: UUID
    branch_id: UUID | None
    channel: str
    known: bool
    received_at: datetime
    answered_at: datetime | None
    occurred_at: datetime


@dataclass(frozen=True)
class EnquiryReceived(EnquiryFacts, Event):
    pass


@dataclass(frozen=True)
class EnquiryAnswered(EnquiryFacts, Event):
    """It was answered, or with `answered_at` None: it was not after all."""

"""Whose card it is when somebody without an account says who they are."""

from dataclasses import dataclass
from uuid import UUID

from contracts.clients.consents import AgreedTexts
from contracts.clients.words import Email, Phone
from contracts.message import INTERNAL, Code, Name, Request


@dataclass(frozen=True)
class SaidContact:
    """What somebody without an account says of themselves."""

    first_name: Name
    phone: Phone
    last_name: Name | None = None
    email: Email | None = None


@dataclass(frozen=True)
class CheckedContact:
    """Whose card it is, if there is one.

    `settled`: `TakeContact` would keep nothing that is not kept yet. `channel`: the name by which it is counted.
    """

    client_id: UUID | None
    settled: bool = True
    channel: str | None = None


@dataclass(frozen=True)
class CheckContact(SaidContact, Request[CheckedContact], permission=INTERNAL, timeout=1.0, effects=False):
    """Whose card `TakeContact` would take, and refused like it if it is wrong in itself. No card is made."""

    channel: Code | None = None
    consents: AgreedTexts | None = None
    proved: bool = False


@dataclass(frozen=True)
class TakenContact:
    client_id: UUID
    created: bool
    channel: str | None = None


@dataclass(frozen=True)
class TakeContact(SaidContact, Request[TakenContact], permission=INTERNAL, timeout=2.0):
    """The card with this phone, or a new one made of what somebody without an account says of themselves.

    A card that is there stays as it is: nobody has verified the caller. Of several with a shared phone it is the one
    with the same first name, else the oldest. A new card names `invited_by` as who brought them, if that is a card.

    `consents` are what they agree to, None where they were not asked: refused with `consent_missing` without one that
    is required, with `consent_outdated` for another text than the one in force. On a card that was there, the optional
    ones and what was withdrawn count only if the phone was `proved` to be theirs.
    A `channel` that the salon does not know becomes one of its sources, up to a limit; after that it is `other sites`.
    """

    channel: Code | None = None
    branch_id: UUID | None = None
    invited_by: UUID | None = None
    consents: AgreedTexts | None = None
    proved: bool = False


@dataclass(frozen=True)
class CardOfPhone:
    client_id: UUID
    first_name: str


@dataclass(frozen=True)
class CardsOfPhone:
    items: tuple[CardOfPhone, ...]


@dataclass(frozen=True)
class ListCardsOfPhone(Request[CardsOfPhone], permission=INTERNAL, timeout=2.0, effects=False):
    """The living cards with this phone, the oldest first; for auth, once somebody has proved that it is theirs."""

    phone: Phone

"""How a card is opened, and whole phones and e-mails shown to whoever sees them masked: counted, and on the record."""

from dataclasses import dataclass
from uuid import UUID

from contracts.clients.cards import Client
from contracts.message import CONTACTS, HEALTH, Request, sensitive


@dataclass(frozen=True)
class OpenClient(Request[Client], permission="clients.read", keyed=False, own=(CONTACTS, HEALTH)):
    """The card as a person reads it: the first time in a shift its contacts count as revealed, and health as read.

    For whoever may have no more contacts revealed in this shift they stay masked, and `contacts_masked` says so.
    """

    id: UUID


@dataclass(frozen=True)
class RevealedContacts:
    """`left`: of how many more clients contacts may be revealed in this shift; null is no bound."""

    id: UUID
    phones: tuple[str, ...] = sensitive(CONTACTS, default=())
    phone_labels: tuple[str, ...] = sensitive(CONTACTS, default=())
    email: str | None = sensitive(CONTACTS, default=None)
    left: int | None = None


@dataclass(frozen=True)
class RevealClient(Request[RevealedContacts], permission="clients.reveal"):
    """Needs the mark `contacts`. A client counts once in a shift, the twelve hours from the first card that is opened
    in it; refused with `reveal_budget_spent` when the roles of the caller allow no more.
    """

    id: UUID

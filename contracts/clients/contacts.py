"""Whose card it is when somebody without an account says who they are."""

from dataclasses import dataclass
from uuid import UUID

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
    """Whose card it is, if there is one."""

    client_id: UUID | None


@dataclass(frozen=True)
class CheckContact(SaidContact, Request[CheckedContact], permission=INTERNAL, timeout=1.0, effects=False):
    """Whose card `TakeContact` would take, and refused like it if it is wrong in itself. No card is made."""


@dataclass(frozen=True)
class TakenContact:
    client_id: UUID
    created: bool


@dataclass(frozen=True)
class TakeContact(SaidContact, Request[TakenContact], permission=INTERNAL, timeout=2.0):
    """The card with this phone, or a new one made of what somebody without an account says of themselves.

    A card that is there stays as it is: nobody has verified the caller. Of several with a shared phone it is the one
    with the same first name, else the oldest.
    """

    channel: Code | None = None
    branch_id: UUID | None = None

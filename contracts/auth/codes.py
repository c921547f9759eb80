"""Codes to a phone: by which its owner signs in, or shows before a booking that the phone is theirs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.auth.users import Session
from contracts.message import INTERNAL, PUBLIC, Cursor, Limit, Page, Request

Digits = Annotated[str, Meta(pattern=r"^[0-9]{6}$", max_length=6)]
SomePhone = Annotated[str, Meta(min_length=3, max_length=40)]
Confirmation = Annotated[str, Meta(min_length=20, max_length=200)]
CodePurpose = Literal["sign_in", "booking"]


@dataclass(frozen=True)
class SentCode:
    """`id` goes along with the code. Until `again_at` no other code goes to this phone."""

    id: UUID
    expires_at: datetime
    again_at: datetime


@dataclass(frozen=True)
class SendCode(Request[SentCode], permission=PUBLIC, keyed=False):
    """Answered alike for every phone that there can be: nobody looks whose it is.

    `language` is that of the person, for a channel that writes sentences. Counted by phone and by `address`, which the
    gateway fills in.
    """

    phone: SomePhone
    for_what: CodePurpose
    language: Annotated[str, Meta(pattern=r"^[a-z]{2,3}$", max_length=3)] = "en"
    address: str | None = None


@dataclass(frozen=True)
class ConfirmedPhone:
    """`confirmation` says that the phone is theirs to whatever asks for one, such as `BookOnline`, until it expires."""

    confirmation: str
    expires_at: datetime


@dataclass(frozen=True)
class ConfirmPhone(Request[ConfirmedPhone], permission=PUBLIC, keyed=False):
    """Exchange the code that was sent for a booking. A wrong one counts; after a few the code is of no use any more."""

    id: UUID
    code: Digits
    address: str | None = None


@dataclass(frozen=True)
class CheckedConfirmation:
    confirmed: bool


@dataclass(frozen=True)
class CheckConfirmation(Request[CheckedConfirmation], permission=INTERNAL, timeout=1.0, effects=False):
    """Whether `confirmation` was given to whoever has this phone, in whatever spelling, and has not expired."""

    confirmation: Confirmation
    phone: SomePhone


@dataclass(frozen=True)
class OfferedCard:
    """One of several cards with the phone that was proved, by the name that its owner calls themselves."""

    client_id: UUID
    first_name: str


@dataclass(frozen=True)
class CodeSignIn:
    """A session; or none, and the cards of which one has to be named first."""

    session: Session | None
    cards: tuple[OfferedCard, ...] = ()


@dataclass(frozen=True)
class SignInWithCode(Request[CodeSignIn], permission=PUBLIC, keyed=False, timeout=8.0):
    """Begin a session of the role `client` for the card with the phone to which the code was sent.

    Of several cards the same code takes the one that `client_id` names. Refused with `card_missing` without one:
    whoever hears so has proved that the phone is theirs. A session of staff never begins so.
    """

    id: UUID
    code: Digits
    client_id: UUID | None = None
    address: str | None = None


@dataclass(frozen=True)
class OutgoingCode:
    """A code that somebody has to tell the owner of the phone, where no channel does."""

    id: UUID
    phone: str
    code: str
    for_what: CodePurpose
    sent_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class ListOutgoingCodes(Request[Page[OutgoingCode]], permission="codes.read", keyed=False):
    """What waits in the outbox, the newest first; each is gone when it was used or has expired. Told to the journal."""

    limit: Limit = 50
    cursor: Cursor | None = None

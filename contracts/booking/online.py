"""Booking without an account: what the public page shows, books, and changes by a secret key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.booking.appointments import Codes, WantedSegments
from contracts.booking.salon import OpeningHours
from contracts.booking.words import Channel, Key, Status
from contracts.clients.consents import AgreedTexts
from contracts.message import PUBLIC, Name, Request, Text
from kernel.money import Money

SecretKey = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43,200}$", max_length=200)]  # 256 bits at least


@dataclass(frozen=True)
class OnlineBranch:
    """`confirm_phone`: who books here shows first, by a code, that the phone is theirs."""

    id: UUID
    name: str
    time_zone: str
    address: str | None
    opening_hours: tuple[OpeningHours, ...]
    confirm_phone: bool = False


@dataclass(frozen=True)
class OnlineService:
    """As offered in the branch; `price` up to `price_max` if there is one."""

    id: UUID
    name: str
    category: str
    duration_minutes: int
    price: Money
    price_max: Money | None
    description: str | None
    picture_id: UUID | None


@dataclass(frozen=True)
class OnlineMaster:
    id: UUID
    name: str
    picture_id: UUID | None
    service_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class OnlineSalon:
    """Branches; and, where one was named, what can be booked there and with whom."""

    branches: tuple[OnlineBranch, ...]
    services: tuple[OnlineService, ...] = ()
    masters: tuple[OnlineMaster, ...] = ()


@dataclass(frozen=True)
class ShowOnlineSalon(Request[OnlineSalon], permission=PUBLIC, effects=False):
    branch_id: UUID | None = None


@dataclass(frozen=True)
class Contact:
    """Who comes: a card with the phone is found or made."""

    first_name: Name
    phone: Annotated[str, Meta(min_length=3, max_length=40)]
    last_name: Name | None = None
    email: Annotated[str, Meta(min_length=3, max_length=254)] | None = None


@dataclass(frozen=True)
class OnlineSegment:
    """The ids are those by which free times for the same are looked for."""

    service: str
    master: str
    starts: datetime
    ends: datetime
    price: Money
    service_id: UUID
    master_id: UUID
    parallel: bool = False


@dataclass(frozen=True)
class OnlineAppointment:
    """What somebody with the key of an appointment may know of it; nothing about the person.

    `key` is told once, to whoever booked, and holds until the visit is over. `can_change_until`: the cut-off.
    """

    status: Status
    branch: OnlineBranch
    starts: datetime
    ends: datetime
    segments: tuple[OnlineSegment, ...]
    total: Money
    can_change_until: datetime
    key: str | None = None


@dataclass(frozen=True)
class BookOnline(Request[OnlineAppointment], permission=PUBLIC, timeout=8.0):
    """As `BookAppointment`, by somebody whom nobody has verified: their card tells them nothing.

    `key` is one that the caller has made up, at random: sent again with it, the answer is the appointment that is
    booked already. Without one it is made here. `codes` of promotions are kept and weighed when the visit is paid,
    whatever they give: a refusal would speak of the card. `confirmation` is that of `ConfirmPhone`; where the branch
    wants one, it is refused with `confirmation_missing` or `confirmation_refused`.
    `invited_by` is the card of whoever brought them: a card that is made names it, else it changes nothing.
    `consents` are the texts of `ListOnlineConsents` that they agree to: refused with `consent_missing` without the
    required ones, and with `consent_outdated` for a text that is not in force.
    """

    branch_id: UUID
    starts: datetime
    segments: WantedSegments
    contact: Contact
    hold_id: UUID | None = None
    channel: Channel = "online"
    comment: Text | None = None
    key: SecretKey | None = None
    codes: Codes = ()
    confirmation: Annotated[str, Meta(min_length=20, max_length=200)] | None = None
    invited_by: UUID | None = None
    consents: AgreedTexts = ()


@dataclass(frozen=True)
class ShowOnlineAppointment(Request[OnlineAppointment], permission=PUBLIC, effects=False):
    key: Key


@dataclass(frozen=True)
class MoveOnlineAppointment(Request[OnlineAppointment], permission=PUBLIC):
    key: Key
    starts: datetime


@dataclass(frozen=True)
class CancelOnlineAppointment(Request[OnlineAppointment], permission=PUBLIC):
    key: Key
    reason: Text | None = None

"""Masters: what they render and on which terms, until when their papers hold, and what the salon asks of its staff."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.booking.salon import Stranded
from contracts.booking.words import Duration, Ids, PermitKind
from contracts.message import CONTACTS, Cursor, Limit, Minutes, Name, Page, Request, Text, Version, sensitive
from kernel.money import Money


@dataclass(frozen=True)
class Rendering:
    """A service as this master renders it; what is None is as the service says."""

    service_id: UUID
    duration_minutes: Duration | None = None
    price: Money | None = None
    buffer_before_minutes: Minutes | None = None
    buffer_after_minutes: Minutes | None = None


@dataclass(frozen=True)
class Permit:
    """A paper without which nobody may work: the last day on which it holds."""

    kind: PermitKind
    expires_on: date


Renderings = Annotated[tuple[Rendering, ...], Meta(max_length=200)]
Permits = Annotated[tuple[Permit, ...], Meta(max_length=10)]


@dataclass(frozen=True)
class Master:
    """Somebody who renders services; `user_id` is the login with which they see their own schedule.

    `renderings` are the services of `service_ids` that differ for this master. With `room_ids` they work in those only.
    Nobody is booked after the end of one of their `permits`. After a change `stranded` is what it leaves over.
    """

    id: UUID
    name: str
    user_id: UUID | None
    service_ids: tuple[UUID, ...]
    active: bool
    version: int
    renderings: tuple[Rendering, ...] = ()
    room_ids: tuple[UUID, ...] = ()
    bookable_online: bool = True
    permits: tuple[Permit, ...] = ()
    picture_id: UUID | None = None
    stranded: tuple[Stranded, ...] = ()


@dataclass(frozen=True)
class CreateMaster(Request[Master], permission="masters.create"):
    """A service that `renderings` name is rendered also if `service_ids` leave it out."""

    name: Name
    user_id: UUID | None = None
    service_ids: Ids = ()
    active: bool = True
    renderings: Renderings = ()
    room_ids: Ids = ()
    bookable_online: bool = True
    permits: Permits = ()
    picture_id: UUID | None = None


@dataclass(frozen=True)
class ShowMaster(Request[Master], permission="masters.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListMasters(Request[Page[Master]], permission="masters.read", effects=False):
    """Those with a shift in `branch_id`, if it is given."""

    branch_id: UUID | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeMaster(Request[Master], permission="masters.edit"):
    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    user_id: UUID | None | UnsetType = UNSET
    service_ids: Ids | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    renderings: Renderings | UnsetType = UNSET
    room_ids: Ids | UnsetType = UNSET
    bookable_online: bool | UnsetType = UNSET
    permits: Permits | UnsetType = UNSET
    picture_id: UUID | None | UnsetType = UNSET


@dataclass(frozen=True)
class Questionnaire:
    """What the salon keeps about somebody of its staff, encrypted under a key of that person."""

    master_id: UUID
    version: int
    phones: tuple[str, ...] = sensitive(CONTACTS, default=())
    email: str | None = sensitive(CONTACTS, default=None)
    birth_date: date | None = sensitive(CONTACTS, default=None)
    address: str | None = sensitive(CONTACTS, default=None)
    emergency_contact: str | None = sensitive(CONTACTS, default=None)
    notes: str | None = sensitive(CONTACTS, default=None)


@dataclass(frozen=True)
class ShowQuestionnaire(Request[Questionnaire], permission="questionnaires.read", effects=False):
    master_id: UUID


@dataclass(frozen=True)
class ChangeQuestionnaire(Request[Questionnaire], permission="questionnaires.edit"):
    """`version` is that of the questionnaire, 1 while nothing was filled in."""

    master_id: UUID
    version: Version
    phones: Annotated[tuple[Name, ...], Meta(max_length=10)] | UnsetType = UNSET
    email: Name | None | UnsetType = UNSET
    birth_date: date | None | UnsetType = UNSET
    address: Text | None | UnsetType = UNSET
    emergency_contact: Text | None | UnsetType = UNSET
    notes: Text | None | UnsetType = UNSET

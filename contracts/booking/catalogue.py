"""The catalogue: categories, pictures, and the services with their phases, terms and limits."""

from dataclasses import dataclass, field
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.booking.words import Capacity, Days, Duration, Image, LongMinutes
from contracts.message import (
    FINANCE,
    HEALTH,
    PUBLIC,
    Code,
    Cursor,
    Limit,
    Minutes,
    Name,
    Page,
    Request,
    Text,
    Version,
    sensitive,
)
from kernel.money import Money


@dataclass(frozen=True)
class Category:
    """Services of a kind, in the order in which they are shown. A service names its category; a new name makes one."""

    id: UUID
    name: str
    position: int
    version: int
    picture_id: UUID | None = None


@dataclass(frozen=True)
class CreateCategory(Request[Category], permission="categories.create"):
    name: Name
    position: Annotated[int, Meta(ge=0, le=10_000)] = 0
    picture_id: UUID | None = None


@dataclass(frozen=True)
class ShowCategory(Request[Category], permission="categories.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListCategories(Request[Page[Category]], permission="categories.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeCategory(Request[Category], permission="categories.edit"):
    """Another name goes to all services of the category."""

    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    position: Annotated[int, Meta(ge=0, le=10_000)] | UnsetType = UNSET
    picture_id: UUID | None | UnsetType = UNSET


@dataclass(frozen=True)
class Picture:
    id: UUID
    media_type: str
    width: int
    height: int


@dataclass(frozen=True)
class AddPicture(Request[Picture], permission="pictures.create", timeout=15.0):
    """Kept as WebP, at most 1,024 pixels wide and high, without what the camera wrote into it."""

    image: Image


@dataclass(frozen=True)
class PictureFile:
    media_type: str
    content: bytes


@dataclass(frozen=True)
class ReadPicture(Request[PictureFile], permission=PUBLIC, effects=False):
    """With `small` as it stands beside a name, at most 128 pixels; one from before there were such is as it is."""

    id: UUID
    small: bool = False


@dataclass(frozen=True)
class Phase:
    """A part of a service. While it waits (`busy` false: the colour works) the master may take somebody else."""

    minutes: Annotated[int, Meta(ge=1, le=24 * 60)]
    busy: bool = True


Phases = Annotated[tuple[Phase, ...], Meta(max_length=9)]
RoomKinds = Annotated[tuple[Code, ...], Meta(max_length=3)]


@dataclass(frozen=True)
class ServicePolicy:
    """A service's own limits; what is None is as the branch says."""

    lead_minutes: LongMinutes | None = None
    horizon_days: Days | None = None
    cancel_minutes: LongMinutes | None = None


@dataclass(frozen=True)
class BranchPrice:
    """What a service costs in one branch, and whether it is offered there."""

    branch_id: UUID
    price: Money | None = None
    price_max: Money | None = None
    offered: bool = True


@dataclass(frozen=True)
class Contraindication:
    """A condition against which a service is guarded: a card that speaks of it warns at booking, or blocks it.

    All words of the condition stand in one entry of the card, without regard to case, accents, ё and endings. Who may
    not see health sees that there is a mark and how severe, not of what: else the block would be the diagnosis.
    """

    condition: Name = sensitive(HEALTH)
    severity: Literal["warn", "block"] = "warn"


Contraindications = Annotated[tuple[Contraindication, ...], Meta(max_length=50)]
BranchPrices = Annotated[tuple[BranchPrice, ...], Meta(max_length=1_000)]


@dataclass(frozen=True)
class Service:
    """Something a client books. A price of 0 means "priced at the chair"; up to `price_max` if there is one.

    Times are whole minutes. `phases` add up to `duration_minutes`; none means busy throughout. Every segment takes one
    unit of each of `room_kinds`. With a `capacity` above 1 it is a group service: clients join its group events.
    `repeat_days` is after how many days it is usually wanted again. What a master, else a branch, says of the price
    goes before what stands here.
    """

    id: UUID
    name: str
    category: str
    duration_minutes: int
    price: Money
    buffer_before_minutes: int
    buffer_after_minutes: int
    bookable_online: bool
    active: bool
    version: int
    cost: Money | None = sensitive(FINANCE, default=None)
    price_max: Money | None = None
    description: str | None = None
    picture_id: UUID | None = None
    phases: tuple[Phase, ...] = ()
    room_kinds: tuple[str, ...] = ()
    capacity: int = 1
    repeat_days: int | None = None
    policy: ServicePolicy = field(default_factory=ServicePolicy)
    branch_prices: tuple[BranchPrice, ...] = ()
    contraindications: tuple[Contraindication, ...] = ()


@dataclass(frozen=True)
class CreateService(Request[Service], permission="services.create"):
    """Only who sees health marks a service with `contraindications`."""

    name: Name
    category: Name
    duration_minutes: Duration
    price: Money
    cost: Money | None = None
    buffer_before_minutes: Minutes = 0
    buffer_after_minutes: Minutes = 0
    bookable_online: bool = True
    active: bool = True
    price_max: Money | None = None
    description: Text | None = None
    picture_id: UUID | None = None
    phases: Phases = ()
    room_kinds: RoomKinds = ()
    capacity: Capacity = 1
    repeat_days: Days | None = None
    policy: ServicePolicy = field(default_factory=ServicePolicy)
    branch_prices: BranchPrices = ()
    contraindications: Contraindications = ()


@dataclass(frozen=True)
class ShowService(Request[Service], permission="services.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListServices(Request[Page[Service]], permission="services.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeService(Request[Service], permission="services.edit"):
    """Appointments that are booked keep the times and prices of when they were booked."""

    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    category: Name | UnsetType = UNSET
    duration_minutes: Duration | UnsetType = UNSET
    price: Money | UnsetType = UNSET
    cost: Money | None | UnsetType = UNSET
    buffer_before_minutes: Minutes | UnsetType = UNSET
    buffer_after_minutes: Minutes | UnsetType = UNSET
    bookable_online: bool | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    price_max: Money | None | UnsetType = UNSET
    description: Text | None | UnsetType = UNSET
    picture_id: UUID | None | UnsetType = UNSET
    phases: Phases | UnsetType = UNSET
    room_kinds: RoomKinds | UnsetType = UNSET
    capacity: Capacity | UnsetType = UNSET
    repeat_days: Days | None | UnsetType = UNSET
    policy: ServicePolicy | UnsetType = UNSET
    branch_prices: BranchPrices | UnsetType = UNSET
    contraindications: Contraindications | UnsetType = UNSET

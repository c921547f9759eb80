"""The words and bounds that several of booking's messages share."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.message import (
    Code,
)

Duration = Annotated[int, Meta(ge=5, le=24 * 60)]
Capacity = Annotated[int, Meta(ge=1, le=1_000)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", max_length=3)]
Amount = Annotated[int, Meta(ge=-(10**11), le=10**11)]
Status = Literal["booked", "confirmed", "arrived", "completed", "cancelled", "no_show"]
LineKind = Literal["service", "retail", "adjustment"]
PaymentKind = Literal["cash", "card", "transfer", "online", "other"]
Ids = Annotated[tuple[UUID, ...], Meta(max_length=200)]
Channel = Code

"""The words and bounds that several of booking's messages share."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.message import (
    Code,
)

Duration = Annotated[int, Meta(ge=5, le=24 * 60)]
LongMinutes = Annotated[int, Meta(ge=0, le=60 * 24 * 60)]
Days = Annotated[int, Meta(ge=1, le=3 * 366)]
Capacity = Annotated[int, Meta(ge=1, le=1_000)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", max_length=3)]
Colour = Annotated[str, Meta(pattern="^#[0-9a-f]{6}$", max_length=7)]
Amount = Annotated[int, Meta(ge=-(10**11), le=10**11)]
Status = Literal["booked", "confirmed", "arrived", "completed", "cancelled", "no_show"]
LineKind = Literal["service", "retail", "adjustment"]
PaymentKind = Literal["cash", "card", "transfer", "online", "other", "points", "certificate", "membership"]
Decision = Literal["discount", "gift", "offer", "nothing"]
DiscountSource = Literal["loyalty", "promise", "copy", "recorded", "none"]
CancelledBy = Literal["client", "staff", "erasure"]
AbsenceKind = Literal["leave", "sick", "absenteeism", "training", "other"]
PermitKind = Literal["work_permit", "medical_book"]
Frequency = Literal["DAILY", "WEEKLY", "MONTHLY"]
ByDay = Annotated[str, Meta(pattern=r"^[+-]?[1-5]?(MO|TU|WE|TH|FR|SA|SU)$", max_length=4)]
Policy = Literal["fail", "skip", "next_free"]
Scope = Literal["this", "following", "all"]
Why = Annotated[str, Meta(min_length=1, max_length=2_000)]
Key = Annotated[str, Meta(min_length=20, max_length=200)]
Image = Annotated[bytes, Meta(min_length=1, max_length=10 * 1024 * 1024)]
Ids = Annotated[tuple[UUID, ...], Meta(max_length=200)]
FewIds = Annotated[tuple[UUID, ...], Meta(max_length=60)]  # in a query string: servers take lines of 8 KiB
Channel = Code

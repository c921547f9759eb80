"""What a personal discount may be."""

from datetime import datetime
from decimal import Decimal

from kernel.errors import Invalid

HUNDREDTH = Decimal("0.01")


def checked_percent(percent: Decimal) -> Decimal:
    """`percent` if it lies above 0 and at most at 100, with two decimals at most."""
    if not percent.is_finite() or not 0 < percent <= 100:
        raise Invalid.field("percent", "percent_out_of_range", "a discount lies above 0 and is at most 100 per cent")
    if percent != percent.quantize(HUNDREDTH):
        raise Invalid.field("percent", "percent_too_fine", "a percentage has two decimals at most")
    return percent.quantize(HUNDREDTH)


def refuse_impossible_validity(valid_from: datetime, valid_until: datetime | None, now: datetime) -> None:
    """A discount begins before it ends, and does not end before it is given."""
    for field, at in (("valid_from", valid_from), ("valid_until", valid_until)):
        if at is not None and at.tzinfo is None:
            raise Invalid.field(field, "offset_missing", "an instant has an offset")
    if valid_until is not None and valid_until <= valid_from:
        raise Invalid.field("valid_until", "validity_empty", "a discount ends after it begins")
    if valid_until is not None and valid_until <= now:
        raise Invalid.field("valid_until", "validity_over", "this would be over already")


def is_in_force(
    percent: Decimal | None, valid_from: datetime | None, valid_until: datetime | None, now: datetime
) -> bool:
    """Whether there is a discount at `now`: its beginning is included, its end is not."""
    if percent is None or valid_from is None:
        return False
    return valid_from <= now and (valid_until is None or now < valid_until)

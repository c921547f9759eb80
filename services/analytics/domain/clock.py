"""The branch's clock, in minutes since its midnight."""

from datetime import date, datetime, timedelta

from kernel.time import zone

A_DAY = 24 * 60


def minute_of(instant: datetime, time_zone: str | None) -> int:
    """What the clock shows at `instant`. Where the zone was not told, the clock is that of UTC."""
    local = instant.astimezone(zone(time_zone or "UTC"))
    return local.hour * 60 + local.minute


def minute_since(day: date, local: datetime) -> int:
    """What the clock shows at `local`, an instant with the offset of the branch, counted on from `day`."""
    return (local.date() - day).days * A_DAY + local.hour * 60 + local.minute


def whole_minutes(starts: datetime, ends: datetime) -> int:
    """Minutes that really pass, also when clocks change."""
    return (ends - starts) // timedelta(minutes=1)

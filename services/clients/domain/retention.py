"""How long ago is long enough to forget somebody."""

from calendar import monthrange
from datetime import datetime
from uuid import UUID

MILLISECONDS_AT = 80  # of a UUIDv7: the bits below are a counter and chance


def months_before(now: datetime, months: int) -> datetime:
    """The same day and time so many months ago, or the last day of a month that has no such day."""
    month = now.year * 12 + now.month - 1 - months
    year, month = month // 12, month % 12 + 1
    return now.replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1]))


def first_id_of(instant: datetime) -> UUID:
    """Ids that were made before `instant` are smaller, the others are not."""
    return UUID(int=int(instant.timestamp() * 1000) << MILLISECONDS_AT)

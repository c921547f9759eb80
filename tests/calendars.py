"""Calendars read as a stranger would: by a parser that shares no code with the one that wrote them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import vobject


@dataclass(frozen=True, order=True)
class Shown:
    """An event as it stands in somebody's calendar, instants in UTC."""

    starts: datetime
    ends: datetime
    uid: str
    summary: str
    status: str
    sequence: int


def parsed(text: str) -> Any:
    """The calendar; its zones are those that it brings, not those that an earlier one brought."""
    known = vars(vobject.icalendar)["__tzidMap"]
    utc = known["UTC"]
    known.clear()
    known["UTC"] = utc
    return vobject.readOne(text)


def events(text: str) -> list[Any]:
    return list(parsed(text).contents.get("vevent", ()))


def shown(text: str) -> list[Shown]:
    """Every event, those that repeat at each of their times, except where another stands instead."""
    found = events(text)
    instead = {(event.uid.value, utc(event.recurrence_id.value)) for event in found if hasattr(event, "recurrence_id")}
    return sorted(
        one
        for event in found
        for one in _times(event)
        if hasattr(event, "recurrence_id") or one_key(one) not in instead
    )


def one_key(one: Shown) -> tuple[str, datetime]:
    return one.uid, one.starts


def _times(event: Any) -> Iterable[Shown]:
    starts = utc(event.dtstart.value)
    lasts = utc(event.dtend.value) - starts if hasattr(event, "dtend") else starts - starts
    times = [utc(time) for time in event.rruleset] if hasattr(event, "rrule") else [starts]
    for time in times:
        yield Shown(
            time, time + lasts, event.uid.value, event.summary.value, event.status.value, int(event.sequence.value)
        )


def utc(local: datetime) -> datetime:
    return local.astimezone(UTC)

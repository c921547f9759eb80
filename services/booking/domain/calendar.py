"""Calendars as RFC 5545 writes them: events with their zones, and series as events that repeat."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vRecur

CONFIRMED, TENTATIVE, CANCELLED = "CONFIRMED", "TENTATIVE", "CANCELLED"
PRODUCT = "-//Lokon//Booking//EN"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, in the zone of its branch. `revised` is when it was changed last, `sequence` grows with each change.

    `repeats` is an RRULE without those of its times that `left_out` names; `instead_of` is the time of the rule that
    this one takes the place of. `transparent` ones leave their time free.
    """

    uid: str
    starts: datetime
    ends: datetime
    summary: str
    location: str
    revised: datetime
    sequence: int = 0
    status: str = CONFIRMED
    description: str = ""
    transparent: bool = False
    repeats: str | None = None
    left_out: tuple[datetime, ...] = ()
    instead_of: datetime | None = None


def calendar(name: str, entries: Sequence[Entry]) -> str:
    """The text of a calendar: lines of at most 75 octets that end in CRLF. The same entries give the same text."""
    head = Calendar()
    head.add("version", "2.0")
    head.add("prodid", PRODUCT)
    head.add("calscale", "GREGORIAN")
    head.add("method", "PUBLISH")
    head.add("x-wr-calname", one_line(name))
    head.add("refresh-interval", timedelta(minutes=15), parameters={"VALUE": "DURATION"})
    head.add("x-published-ttl", "PT15M")
    opening, end, nothing = bytes(head.to_ical()).decode().rpartition("END:VCALENDAR")
    return "".join((opening, *_zones_of(entries), *(written(entry) for entry in entries), end, nothing))


@lru_cache(maxsize=32_768)
def written(entry: Entry) -> str:
    """The event as text; remembered, because those who subscribe ask for the same ones again and again."""
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.revised)
    event.add("last-modified", entry.revised)
    event.add("sequence", entry.sequence)
    event.add("dtstart", unambiguous(entry.starts))
    if _lasts(entry):  # no event ends when it starts
        event.add("dtend", unambiguous(entry.ends))
    event.add("status", entry.status)
    event.add("summary", one_line(entry.summary))
    if entry.location:
        event.add("location", one_line(entry.location))
    if entry.description:
        event.add("description", "\n".join(one_line(line) for line in entry.description.splitlines()))
    event.add("transp", "TRANSPARENT" if entry.transparent or entry.status == CANCELLED else "OPAQUE")
    if entry.repeats:
        event.add("rrule", vRecur.from_ical(entry.repeats))
    if entry.left_out:
        event.add("exdate", list(entry.left_out))
    if entry.instead_of:
        event.add("recurrence-id", entry.instead_of)
    return bytes(event.to_ical()).decode()


def unambiguous(local: datetime) -> datetime:
    """`local`, or its instant in UTC where clocks show it for the second time: by name it would be the first one."""
    return local.astimezone(UTC) if local.fold else local


def one_line(text: str) -> str:
    """`text` without what would end a line for some reader, or is no letter at all."""
    return " ".join(
        "".join(" " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter for letter in text).split()
    )


# --- time zones ------------------------------------------------------------------------------------------------------


def _zones_of(entries: Iterable[Entry]) -> Iterator[str]:
    """The zones that the entries are in, each for the years that they reach over."""
    years: dict[ZoneInfo, set[int]] = {}
    for entry in entries:
        if isinstance(entry.starts.tzinfo, ZoneInfo):
            known = years.setdefault(entry.starts.tzinfo, set())
            known.update(time.year for time in (entry.starts, entry.ends, *entry.left_out[-1:]))
    for tz, reached in sorted(years.items(), key=lambda item: item[0].key):
        yield time_zone(tz, min(reached), max(reached))


@lru_cache(maxsize=256)
def time_zone(tz: ZoneInfo, first: int, last: int) -> str:
    """The VTIMEZONE of `tz` for the years `first` to `last` and the two around them.

    The library's own gives the beginning of summer time by the clock that it begins with, an hour too late.
    """
    begins, ends = datetime(first - 1, 1, 1, tzinfo=UTC), datetime(last + 2, 1, 1, tzinfo=UTC)
    observances: dict[tuple[timedelta, timedelta, str, bool], list[datetime]] = {}
    before = _offset(tz, begins)
    for instant in (begins, *transitions(tz, begins, ends)):
        local = instant.astimezone(tz)
        after, summer = _offset(tz, instant), bool(local.dst())
        kind = (before, after, local.tzname() or tz.key, summer)
        observances.setdefault(kind, []).append((instant + before).replace(tzinfo=None))
        before = after
    zone = Timezone()
    zone.add("tzid", tz.key)
    for (offset_from, offset_to, name, summer), onsets in observances.items():
        observance = TimezoneDaylight() if summer else TimezoneStandard()
        observance.add("dtstart", onsets[0])
        observance.add("tzoffsetfrom", offset_from)
        observance.add("tzoffsetto", offset_to)
        observance.add("tzname", name)
        for onset in onsets[1:]:  # a line each: there are readers that take in the first of a list only
            observance.add("rdate", [onset])
        zone.add_component(observance)
    return bytes(zone.to_ical()).decode()


def transitions(tz: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """The instants after `begins` (UTC) from which the clocks of `tz` show another offset than before."""
    day = begins
    while day < ends:
        following = day + DAY
        if _offset(tz, day) != _offset(tz, following):
            low, high = day, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                low, high = (middle, high) if _offset(tz, middle) == _offset(tz, day) else (low, middle)
            yield high
        day = following


def _offset(tz: ZoneInfo, instant: datetime) -> timedelta:
    offset = instant.astimezone(tz).utcoffset()
    assert offset is not None  # a ZoneInfo knows it
    return offset


# --- series ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Repetition:
    """A series as a calendar repeats it: its RRULE, and the times of the rule on the wall clock of `tz`."""

    uid: str
    repeats: str
    times: tuple[datetime, ...]
    tz: ZoneInfo
    revised: datetime
    sequence: int


def repeated(series: Repetition, entries: Sequence[tuple[datetime, Entry]]) -> list[Entry]:
    """The `entries` of a series, each with the time (wall clock) that it was booked by, as one event that repeats.

    What they have in common is said once; those that differ stand instead of a time of the rule, and times that have no
    entry are left out. An entry for which the rule has no time stays an event of its own.
    """
    placed, astray = _placed(series.times, entries)
    if not placed:
        return astray
    usual = Counter(_said(entry) for entry in placed.values()).most_common(1)[0][0]
    typical = next(entry for entry in placed.values() if _said(entry) == usual)
    first = series.times[0].replace(tzinfo=series.tz)
    whole = replace(
        typical,
        uid=series.uid,
        revised=series.revised,
        sequence=series.sequence,
        starts=first,
        ends=(first.astimezone(UTC) + _lasts(typical)).astimezone(series.tz),
        repeats=series.repeats,
        left_out=tuple(time.replace(tzinfo=series.tz) for time in series.times if time not in placed),
    )
    others = [
        replace(
            entry,
            uid=series.uid,
            revised=series.revised,
            sequence=series.sequence,
            instead_of=time.replace(tzinfo=series.tz),
        )
        for time, entry in placed.items()
        if _wall(entry) != time or entry.starts.fold or _said(entry) != usual
    ]
    return [whole, *others, *astray]


def _placed(
    times: Sequence[datetime], entries: Sequence[tuple[datetime, Entry]]
) -> tuple[dict[datetime, Entry], list[Entry]]:
    """Which time of the rule each entry has: its own start, else the one that it was booked by, else none."""
    free = dict.fromkeys(times)
    taken: dict[datetime, Entry] = {}
    moved = []
    for booked_by, entry in entries:
        if _wall(entry) in free and _wall(entry) not in taken:
            taken[_wall(entry)] = entry
        else:
            moved.append((booked_by, entry))
    astray = []
    for booked_by, entry in moved:
        if booked_by in free and booked_by not in taken:
            taken[booked_by] = entry
        else:
            astray.append(entry)
    return {time: taken[time] for time in times if time in taken}, astray


def _wall(entry: Entry) -> datetime:
    return entry.starts.replace(tzinfo=None, fold=0)


def _lasts(entry: Entry) -> timedelta:
    return entry.ends.astimezone(UTC) - entry.starts.astimezone(UTC)


def _said(entry: Entry) -> tuple[object, ...]:
    return _lasts(entry), entry.summary, entry.location, entry.description, entry.status

"""Calendars as RFC 5545 writes them: events with their zones, and series as events that repeat."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.parser import Contentline

CONFIRMED, TENTATIVE, CANCELLED = "CONFIRMED", "TENTATIVE", "CANCELLED"
HEAD = (
    "BEGIN:VCALENDAR\r\n",
    "VERSION:2.0\r\n",
    "PRODID:-//Lokon//Booking//EN\r\n",
    "CALSCALE:GREGORIAN\r\n",
    "METHOD:PUBLISH\r\n",
    "REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n",
    "X-PUBLISHED-TTL:PT15M\r\n",
)
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
LONGEST_LINE = 75  # octets
STAMP = "%Y%m%dT%H%M%S"
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


def calendar(name: str, entries: Iterable[Entry]) -> str:
    """The text of a calendar: lines of at most 75 octets that end in CRLF. The same entries give the same text."""
    events = []
    years: dict[ZoneInfo, set[int]] = {}
    for entry in entries:
        events.append(written(entry))
        for time in (entry.starts, entry.ends, *entry.left_out[-1:]):
            assert isinstance(time.tzinfo, ZoneInfo)  # what repeats does so on the clocks of a place
            years.setdefault(time.tzinfo, set()).add(time.year)
    zones = [time_zone(tz, min(years[tz]), max(years[tz])) for tz in sorted(years, key=str)]
    return "".join((*HEAD, _text("X-WR-CALNAME", name), "\r\n", *zones, *events, "END:VCALENDAR\r\n"))


def written(entry: Entry) -> str:
    """The event as text, without the library, which takes a quarter of a millisecond: a year of a large branch is
    20,000 events. The library also takes the two letters `\\N` of a name for the end of a line.
    """
    stamp = f"{entry.revised.astimezone(UTC):{STAMP}}Z"
    lines = [
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"DTSTAMP:{stamp}",
        f"LAST-MODIFIED:{stamp}",
        f"SEQUENCE:{entry.sequence}",
        _time("DTSTART", entry.starts),
        f"STATUS:{entry.status}",
        _text("SUMMARY", entry.summary),
        f"TRANSP:{'TRANSPARENT' if entry.transparent or entry.status == CANCELLED else 'OPAQUE'}",
    ]
    if _lasts(entry):  # no event ends when it starts
        lines.append(_time("DTEND", entry.ends))
    if entry.location:
        lines.append(_text("LOCATION", entry.location))
    if entry.description:
        lines.append(_text("DESCRIPTION", *entry.description.splitlines()))
    if entry.repeats:
        lines.append(_folded(f"RRULE:{entry.repeats}"))
    lines += [_time("EXDATE", time) for time in entry.left_out]
    if entry.instead_of:
        lines.append(_time("RECURRENCE-ID", entry.instead_of))
    lines.append("END:VEVENT\r\n")
    return "\r\n".join(lines)


def _time(name: str, local: datetime) -> str:
    """By the clocks of its zone; in UTC where they show it for the second time, as by name it would be the first."""
    if local.fold or local.tzinfo is UTC:
        return f"{name}:{local.astimezone(UTC):{STAMP}}Z"
    return f"{name};TZID={local.tzinfo}:{local:{STAMP}}"


@lru_cache(maxsize=4_096)
def _text(name: str, *lines: str) -> str:
    """A property that is text, remembered: a salon has few services and fewer places."""
    value = "\n".join(one_line(line) for line in lines)
    return _folded(f"{name}:{value.translate(ESCAPED)}")


def _folded(line: str) -> str:
    if len(line.encode()) <= LONGEST_LINE:
        return line
    return bytes(Contentline(line).to_ical()).decode()  # type: ignore[no-untyped-call]


def one_line(text: str) -> str:
    """`text` without what would end a line for some reader, or is no letter at all."""
    return " ".join(
        "".join(" " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter for letter in text).split()
    )


# --- time zones ------------------------------------------------------------------------------------------------------


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

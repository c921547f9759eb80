"""Calendars of RFC 5545: what is written is what a stranger reads, in every zone and around every change of clocks."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.time import zone
from services.booking.domain.calendar import CANCELLED, Entry, Repetition, calendar, repeated, transitions
from services.booking.domain.series import Rule, expand, instant_of, text_of, wall_of
from tests.calendars import events, shown

ZONES = [
    "Africa/Cairo",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/Moscow",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "UTC",
]
YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
REVISED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)

# Letters and signs of every alphabet, and whatever some reader takes for the end of a line.
letters = st.one_of(
    st.characters(categories=("L", "N", "P", "S", "Zs")), st.sampled_from("\r\n\t\v\f\x1c\x1e\x85\u2028\u2029\0")
)
zones = st.sampled_from(ZONES).map(zone)
minutes = st.integers(0, 365 * 24 * 60 - 1).map(lambda minute: YEAR[0] + timedelta(minutes=minute))


def an_entry(tz: ZoneInfo, starts: datetime, lasts: timedelta = HOUR, **said: object) -> Entry:
    values = {"uid": "visit@lokon", "summary": "Haircut", "location": "Arbat", "revised": REVISED} | said
    return Entry(starts=starts.astimezone(tz), ends=(starts + lasts).astimezone(tz), **values)  # type: ignore[arg-type]


def changes_of_clocks(tz: ZoneInfo) -> list[datetime]:
    return list(transitions(tz, *YEAR))


@settings(max_examples=200, deadline=None)
@given(zones, minutes, st.integers(5, 600))
def test_an_instant_is_read_as_it_was_meant(tz: ZoneInfo, starts: datetime, lasts: int) -> None:
    """By the zone that the calendar brings itself."""
    (read,) = shown(calendar("Anna", [an_entry(tz, starts, timedelta(minutes=lasts))]))
    assert (read.starts, read.ends) == (starts, starts + timedelta(minutes=lasts))


@pytest.mark.parametrize("name", ZONES)
def test_nothing_moves_when_the_clocks_do(name: str) -> None:
    """Visits around each change of the clocks: in the fold the second hour is another one than the first."""
    tz = zone(name)
    around = [change + timedelta(minutes=m) for change in changes_of_clocks(tz) for m in range(-180, 180, 15)]
    entries = [an_entry(tz, starts, timedelta(minutes=15), uid=f"{starts}") for starts in around]
    assert [one.starts for one in shown(calendar("Anna", entries))] == around


def test_the_changes_of_clocks_are_found() -> None:
    """To the second, as the law of the place says."""
    assert changes_of_clocks(zone("Europe/Berlin")) == [
        datetime(2026, 3, 29, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 1, tzinfo=UTC),
    ]
    assert changes_of_clocks(zone("Australia/Lord_Howe")) == [
        datetime(2026, 4, 4, 15, tzinfo=UTC),
        datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    ]
    assert changes_of_clocks(zone("Europe/Moscow")) == []


@settings(max_examples=150, deadline=None)
@given(st.text(letters, max_size=120), st.text(letters, max_size=200))
def test_any_name_is_a_name(summary: str, location: str) -> None:
    """No text of a salon can end a line, an event or the calendar, and no line is longer than 75 octets."""
    text = calendar(summary, [an_entry(zone("Europe/Moscow"), YEAR[0], summary=summary, location=location)])
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    (event,) = events(text)
    assert event.summary.value == " ".join("".join(c if c.isprintable() else " " for c in summary).split())


def test_names_keep_their_signs() -> None:
    """Commas, semicolons, backslashes, letters of any alphabet."""
    said = "Стрижка, укладка; \\N \\n \\ 50% — «Анна» 💇"
    (event,) = events(calendar("A", [an_entry(zone("Europe/Moscow"), YEAR[0], summary=said, description=f"{said}\nб")]))
    assert (event.summary.value, event.description.value) == (said, f"{said}\nб")


def test_the_same_entries_give_the_same_text() -> None:
    """A calendar that did not change can be known by its text: nothing in it is the time of asking."""
    entries = [an_entry(zone("Europe/Berlin"), YEAR[0] + n * HOUR, uid=str(n)) for n in range(5)]
    assert calendar("Anna", entries) == calendar("Anna", list(entries))


def test_a_cancelled_event_takes_no_time() -> None:
    (event,) = events(calendar("A", [an_entry(zone("Europe/Moscow"), YEAR[0], status=CANCELLED, sequence=2)]))
    assert (event.status.value, event.transp.value, event.sequence.value) == ("CANCELLED", "TRANSPARENT", "2")


# --- series ----------------------------------------------------------------------------------------------------------


def a_series(rule: Rule, first: datetime, tz: ZoneInfo) -> Repetition:
    return Repetition("series@lokon", text_of(rule, tz), tuple(expand(rule, first)), tz, REVISED, 7)


rules = st.one_of(
    st.builds(Rule, st.just("DAILY"), st.integers(1, 9), count=st.integers(1, 40)),
    st.builds(
        Rule,
        st.just("WEEKLY"),
        st.integers(1, 4),
        st.sampled_from([(), ("TU",), ("TU", "FR"), ("SU", "TU")]),
        count=st.integers(1, 40),
    ),
    st.builds(
        Rule, st.just("MONTHLY"), st.integers(1, 3), st.sampled_from([(), ("1TU",), ("-1FR", "1TU")]), st.just(9)
    ),
    st.builds(Rule, st.just("WEEKLY"), until=st.dates(date(2026, 3, 3), date(2026, 12, 1))),
)
FIRST = datetime(2026, 3, 3, 10)  # noqa: DTZ001  the first Tuesday of a month, before the clocks change


@settings(max_examples=200, deadline=None)
@given(rules, zones, st.integers(0, 23), st.data())
def test_a_series_is_read_as_the_appointments_that_it_has(
    rule: Rule, tz: ZoneInfo, hour: int, data: st.DataObject
) -> None:
    """Whatever was cancelled, moved, made longer, or is called otherwise now."""
    first = FIRST.replace(hour=hour)
    entries = []
    for place, time in enumerate(expand(rule, first)):
        starts = instant_of(time, tz)
        became = data.draw(st.sampled_from(["kept", "kept", "kept", "cancelled", "moved", "longer", "renamed"]))
        if became == "cancelled" or wall_of(starts, tz) != time:  # nobody comes in the gap
            continue
        if became == "moved":
            starts += data.draw(st.integers(-4_000, 4_000)) * timedelta(minutes=15)
        entry = an_entry(tz, starts, HOUR * (2 if became == "longer" else 1), uid=f"{place}@lokon")
        entries.append((time, entry if became != "renamed" else an_entry(tz, starts, summary="Brows")))
    read = shown(calendar("Anna", repeated(a_series(rule, first, tz), entries)))
    meant = sorted((entry.starts.astimezone(UTC), entry.ends.astimezone(UTC), entry.summary) for _, entry in entries)
    assert [(one.starts, one.ends, one.summary) for one in read] == meant


def test_a_series_is_one_event_with_its_exceptions() -> None:
    """One that was left out, one that was moved; all under one uid, and of one sequence."""
    tz = zone("Europe/Berlin")
    rule = Rule("WEEKLY", count=4)
    times = expand(rule, FIRST)
    entries = [(time, an_entry(tz, instant_of(time, tz), uid=f"{time}")) for time in times if time != times[1]]
    entries[1] = (times[2], an_entry(tz, instant_of(times[2], tz) + HOUR))
    whole, moved = events(calendar("Anna", repeated(a_series(rule, FIRST, tz), entries)))
    assert whole.rrule.value == "FREQ=WEEKLY;COUNT=4"
    assert [each.replace(tzinfo=None) for line in whole.exdate_list for each in line.value] == [times[1]]
    assert moved.recurrence_id.value.replace(tzinfo=None) == times[2]
    assert {(e.uid.value, e.sequence.value) for e in (whole, moved)} == {("series@lokon", "7")}


def test_a_series_without_appointments_is_nothing() -> None:
    tz = zone("Europe/Berlin")
    assert repeated(a_series(Rule("WEEKLY", count=4), FIRST, tz), []) == []


def test_an_appointment_without_a_time_of_the_rule_stands_alone() -> None:
    """Two at one time of the rule, of which only one can be it."""
    tz = zone("Europe/Berlin")
    starts = instant_of(FIRST, tz)
    both = [(FIRST, an_entry(tz, starts + n * HOUR, uid=f"{n}@lokon")) for n in (0, 1)]
    read = shown(calendar("Anna", repeated(a_series(Rule("DAILY", count=1), FIRST, tz), both)))
    assert [(one.uid, one.starts) for one in read] == [("series@lokon", starts), ("1@lokon", starts + HOUR)]
    assert all(before.starts < after.starts for before, after in pairwise(read))

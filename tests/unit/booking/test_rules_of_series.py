"""The occurrences of a series, in any zone and at both transitions, and how they follow a change of the rule."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from services.booking.domain.series import (
    LONGEST,
    WEEKDAYS,
    Rule,
    check_rule,
    exists,
    expand,
    followed_by,
    head_of,
    instant_of,
    occurrences,
    tail_of,
    text_of,
    wall_of,
)

MONDAY = datetime(2026, 6, 1, 10, 0)  # noqa: DTZ001  the wall clock
WEEKLY = Rule("WEEKLY", count=4)
ZONES = [
    "Europe/Moscow", "Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo",
    "Pacific/Chatham", "Pacific/Apia", "Asia/Kathmandu", "Pacific/Kiritimati", "Africa/Casablanca", "Asia/Tehran",
]  # fmt: skip


def days(walls: list[datetime]) -> list[str]:
    return [f"{wall:%m-%d}" for wall in walls]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule("DAILY", count=3), ["06-01", "06-02", "06-03"]),
        (Rule("DAILY", by_day=("MO", "FR"), count=3), ["06-01", "06-05", "06-08"]),
        (Rule("WEEKLY", 2, until=date(2026, 6, 29)), ["06-01", "06-15", "06-29"]),
        (Rule("WEEKLY", by_day=("MO", "TH"), count=4), ["06-01", "06-04", "06-08", "06-11"]),
        (Rule("MONTHLY", count=3), ["06-01", "07-01", "08-01"]),
        (Rule("MONTHLY", by_day=("1MO",), count=3), ["06-01", "07-06", "08-03"]),
        (Rule("WEEKLY", count=3, exdates=(date(2026, 6, 8),)), ["06-01", "06-15"]),
    ],
)
def test_a_rule_says_its_days(rule: Rule, expected: list[str]) -> None:
    check_rule(rule, MONDAY)
    assert days(occurrences(rule, MONDAY)) == expected


def test_a_month_without_the_day_is_left_out() -> None:
    first = datetime(2026, 1, 31, 10, 0)  # noqa: DTZ001
    assert days(expand(Rule("MONTHLY", count=3), first)) == ["01-31", "03-31", "05-31"]
    assert days(expand(Rule("MONTHLY", by_day=("-1FR",), count=2), first.replace(day=30))) == ["01-30", "02-27"]


@pytest.mark.parametrize(
    ("rule", "field", "code"),
    [
        (Rule("WEEKLY"), "rule.count", "series_endless"),
        (Rule("WEEKLY", count=2, until=date(2026, 7, 1)), "rule.until", "series_ends_twice"),
        (Rule("WEEKLY", until=date(2026, 5, 31)), "rule.until", "until_before_start"),
        (Rule("DAILY", until=date(2027, 6, 1)), "rule.until", "series_too_long"),
        (Rule("WEEKLY", by_day=("TU",), count=2), "starts", "start_not_by_rule"),
        (Rule("DAILY", 7, by_day=("TU",), count=2), "starts", "start_not_by_rule"),
        (Rule("MONTHLY", by_day=("2MO",), count=2), "starts", "start_not_by_rule"),
        (Rule("WEEKLY", by_day=("MO", "1TU"), count=2), "rule.by_day.1", "by_day_numbered"),
        (Rule("MONTHLY", by_day=("+MO",), count=2), "rule.by_day.0", "by_day_invalid"),
        (Rule("WEEKLY", count=1, exdates=(MONDAY.date(),)), "rule.exdates", "series_empty"),
    ],
)
def test_what_is_no_rule_is_refused_by_its_field(rule: Rule, field: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_rule(rule, MONDAY)
    assert (refusal.value.code, list(refusal.value.details["errors"])) == (code, [field])


def test_a_rule_is_written_as_rfc_5545_says() -> None:
    moscow = ZoneInfo("Europe/Moscow")
    assert text_of(Rule("WEEKLY", 2, ("MO", "WE"), count=5), moscow) == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=5"
    until = Rule("MONTHLY", by_day=("-1FR",), until=date(2026, 12, 31))
    assert text_of(until, moscow) == "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20261231T205959Z"


def test_the_wall_clock_stays_over_both_transitions() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for first in (datetime(2026, 3, 16, 10, 0), datetime(2026, 10, 12, 10, 0)):  # noqa: DTZ001
        instants = [instant_of(wall, berlin) for wall in expand(WEEKLY, first)]
        assert {wall_of(instant, berlin).time() for instant in instants} == {time(10)}
        assert len({instant.time() for instant in instants}) == 2


def test_a_time_in_the_gap_does_not_exist_and_one_in_the_fold_is_the_first() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    gap, fold = datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001
    assert (exists(gap, berlin), exists(fold, berlin)) == (False, True)
    assert instant_of(gap, berlin) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert instant_of(fold, berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, datetime]:
    """A rule and where it begins."""
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]))
    first = MONDAY + timedelta(days=draw(st.integers(0, 300)), minutes=15 * draw(st.integers(-40, 50)))
    others = draw(st.sets(st.sampled_from(WEEKDAYS), max_size=2)) if freq == "WEEKLY" else set()
    by_day = tuple(sorted(others | {WEEKDAYS[first.weekday()]}, key=WEEKDAYS.index)) if others else ()
    rule = Rule(freq, draw(st.integers(1, 4)), by_day, count=draw(st.integers(1, 20)))
    walls = expand(rule, first)
    if draw(st.booleans()):
        rule = replace(rule, count=None, until=walls[-1].date())
    excluded = draw(st.sets(st.sampled_from(walls[1:]), max_size=3)) if len(walls) > 1 else set()
    return replace(rule, exdates=tuple(sorted(wall.date() for wall in excluded))), first


@given(rules(), st.sampled_from(ZONES))
def test_every_occurrence_shows_the_time_of_the_first_and_none_lies_twice(
    made: tuple[Rule, datetime], zone: str
) -> None:
    rule, first = made
    tz = ZoneInfo(zone)
    check_rule(rule, first)
    walls = occurrences(rule, first)
    there = [wall for wall in walls if exists(wall, tz)]
    instants = [instant_of(wall, tz) for wall in there]
    assert [wall_of(instant, tz) for instant in instants] == there
    assert {wall.time() for wall in walls} == {first.time()}
    assert instants == sorted(set(instants))
    assert len(walls) <= LONGEST


@given(rules(), st.data())
def test_head_and_tail_are_the_whole(made: tuple[Rule, datetime], data: st.DataObject) -> None:
    rule, first = made
    walls = expand(rule, first)
    position = data.draw(st.integers(0, len(walls) - 1))
    tail = tail_of(rule, walls, position, walls[position])
    later = occurrences(tail, walls[position])
    earlier = occurrences(head_of(rule, walls, position), first) if position else []
    assert earlier + later == occurrences(rule, first)


@given(rules(), st.data(), st.integers(-9, 9), st.integers(-40, 40))
def test_a_moved_tail_is_as_long_and_leaves_out_the_same(
    made: tuple[Rule, datetime], data: st.DataObject, days_on: int, quarters: int
) -> None:
    rule, first = made
    walls = expand(rule, first)
    position = data.draw(st.integers(0, len(walls) - 1))
    start = walls[position] + timedelta(days=days_on, minutes=15 * quarters)
    tail = tail_of(rule, walls, position, start)
    moved = expand(tail, start)
    assert len(moved) == len(walls) - position
    assert moved[0] == start
    kept = [wall.date() not in rule.exdates for wall in walls[position:]]
    assert [wall.date() not in tail.exdates for wall in moved] == kept


def test_weekdays_that_a_month_counts_cannot_be_moved() -> None:
    rule = Rule("MONTHLY", by_day=("1MO",), count=3)
    with pytest.raises(Invalid, match="start_not_by_rule"):
        tail_of(rule, expand(rule, MONDAY), 0, MONDAY + timedelta(days=1))


@given(rules(), rules())
def test_no_two_occurrences_are_followed_by_one(old: tuple[Rule, datetime], new: tuple[Rule, datetime]) -> None:
    pairs = followed_by(expand(*old), expand(*new), new[0].freq)
    assert len(set(pairs.values())) == len(pairs)
    assert set(pairs) <= set(expand(*old))
    assert set(pairs.values()) <= set(expand(*new))


def test_occurrences_follow_by_date_then_by_week_then_by_place() -> None:
    weekly = expand(Rule("WEEKLY", count=4), MONDAY)
    fortnightly = expand(Rule("WEEKLY", 2, count=4), MONDAY)
    assert followed_by(weekly, fortnightly, "WEEKLY") == {weekly[0]: fortnightly[0], weekly[2]: fortnightly[1]}
    thursdays = expand(Rule("WEEKLY", by_day=("MO", "TH"), count=8), MONDAY)
    fridays = expand(Rule("WEEKLY", by_day=("MO", "FR"), count=8), MONDAY)
    assert followed_by(thursdays, fridays, "WEEKLY") == dict(zip(thursdays, fridays, strict=True))
    later = expand(Rule("DAILY", count=2), MONDAY + timedelta(days=90))
    assert followed_by(weekly, later, "DAILY") == {weekly[0]: later[0], weekly[1]: later[1]}

"""Days as months by what was open, and weeks as a row."""

from datetime import date, timedelta

import pytest

from services.analytics.domain.openness import Opened, by_month, usual_weekdays, whole_months, whole_weeks
from services.analytics.domain.seasons import season

FIRST, LAST = date(2021, 1, 1), date(2024, 12, 31)
DAYS = [FIRST + timedelta(days=each) for each in range((LAST - FIRST).days + 1)]
MONTHS = whole_months(FIRST, LAST)


def test_only_whole_months_count():
    assert whole_months(date(2024, 1, 2), date(2024, 3, 31)) == [date(2024, 2, 1), date(2024, 3, 1)]
    assert whole_months(date(2024, 1, 1), date(2024, 1, 30)) == []
    assert whole_months(date(2023, 12, 1), date(2024, 2, 29)) == [
        date(2023, 12, 1),
        date(2024, 1, 1),
        date(2024, 2, 1),
    ]


def test_a_holiday_of_the_masters_is_no_lack_of_interest():
    minutes = {day: 960 if day.month != 8 else 240 for day in DAYS}  # in August one of four masters is there
    visits = {day: minutes[day] // 60 for day in DAYS}
    series, per = by_month("service", visits, Opened(visits, minutes), MONTHS)
    assert per == "open_hours"
    assert season([series]).indices == pytest.approx([1.0] * 12)
    bare, per = by_month("service", visits, Opened(visits, {}), MONTHS)
    assert per == "working_days"
    assert season([bare]).indices[7] < 0.5


def test_a_month_with_five_saturdays_is_no_season():
    visits = {day: 30 if day.weekday() == 5 else 10 for day in DAYS}
    for minutes in ({}, dict.fromkeys(DAYS, 600)):
        series, _ = by_month("service", visits, Opened(visits, minutes), MONTHS)
        assert series.values == pytest.approx([1.0] * 48)


def test_hours_that_are_known_of_some_months_only_are_not_used():
    visits = dict.fromkeys(DAYS, 10)
    lately = {day: 600 for day in DAYS if day.year == 2024}
    assert by_month("service", visits, Opened(visits, lately), MONTHS)[1] == "working_days"


def test_a_month_when_nothing_was_open_is_not_a_month_without_interest():
    shut = {day: 0 if (day.year, day.month) == (2022, 4) else 10 for day in DAYS}
    series, per = by_month("service", shut, Opened(shut, {day: 60 * number for day, number in shut.items()}), MONTHS)
    assert per == "open_hours"
    assert series.values[15] is None
    assert series.values[14] == pytest.approx(1)


def test_a_series_begins_with_the_first_month_that_was_worked_whole():
    opened = Opened(dict.fromkeys(DAYS, 10), {})
    late = {day: 5 for day in DAYS if day >= date(2022, 3, 20)}
    series, _ = by_month("service", late, opened, MONTHS)
    assert (series.start, len(series.values)) == (3, 33)
    early = {day: 5 for day in DAYS if day >= date(2022, 3, 3)}
    series, _ = by_month("service", early, opened, MONTHS)
    assert (series.start, len(series.values)) == (2, 34)


def test_of_nothing_there_are_no_months():
    series, _ = by_month("service", {}, Opened({}, {}), MONTHS)
    assert series.values == ()


def test_weekdays_weigh_what_they_bring_by_what_is_open():
    visits = {day: 20 if day.weekday() == 5 else 10 for day in DAYS if day.weekday() < 6}
    minutes = dict.fromkeys(visits, 600)
    usual = usual_weekdays(Opened(visits, minutes), MONTHS)
    assert usual[5] == pytest.approx(2 * usual[0])
    assert usual[6] == 1.0  # never open
    assert usual_weekdays(Opened({}, {}), MONTHS) == [1.0] * 7


def test_weeks_are_whole_and_begin_with_the_first_visit():
    visits = {date(2024, 1, 10): 3, date(2024, 1, 14): 1, date(2024, 1, 15): 2, date(2024, 1, 29): 9}
    assert whole_weeks(visits, date(2024, 1, 1), date(2024, 1, 30)) == (date(2024, 1, 8), [4, 2, 0])
    assert whole_weeks({}, date(2024, 1, 1), date(2024, 1, 30))[1] == []

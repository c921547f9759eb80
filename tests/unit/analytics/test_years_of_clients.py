"""Which whole years a period is made of, and arrays as text."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.figures import Amounts, Came, Key, Part, added, difference
from services.analytics.domain.years import EVERY, cut
from services.analytics.usecases.arrays import array

KNOWN = date(2023, 4, 7), date(2026, 3, 9)
days = st.dates(date(2022, 6, 1), date(2027, 6, 1))


def all_days(first, last):
    return [first + timedelta(days=place) for place in range((last - first).days + 1)]


@given(st.tuples(days, days).map(sorted))
def test_years_and_the_rest_are_each_known_day_of_the_period_once(period):
    first, last = period
    years, rest = cut(first, last, KNOWN)
    known = all_days(*KNOWN)
    found = [day for day in known if day.year in years or EVERY in years]
    found += [day for since, until in rest for day in all_days(since, until)]
    assert sorted(found) == [day for day in known if first <= day <= last]
    assert len(rest) <= 2


def test_a_year_is_whole_if_nothing_of_it_is_known_beyond_the_period():
    assert cut(date(2026, 1, 1), date(2026, 3, 9), KNOWN) == ([2026], [])
    assert cut(date(2026, 1, 1), date(2026, 3, 8), KNOWN) == ([], [(date(2026, 1, 1), date(2026, 3, 8))])
    assert cut(date(2020, 1, 1), date(2024, 12, 31), KNOWN) == ([2023, 2024], [])
    assert cut(date(2020, 1, 1), date(2030, 12, 31), KNOWN) == ([EVERY], [])
    assert cut(date(2020, 1, 1), date(2021, 12, 31), KNOWN) == ([], [])
    assert cut(date(2020, 1, 1), date(2030, 12, 31), None) == ([], [])


def test_a_period_over_the_turn_of_a_year_is_one_piece():
    assert cut(date(2024, 3, 1), date(2025, 2, 28), KNOWN) == ([], [(date(2024, 3, 1), date(2025, 2, 28))])


def test_arrays_are_written_as_postgresql_reads_them():
    assert array([]) == "{}"
    assert array([1, None, date(2026, 3, 1)]) == "{1,NULL,2026-03-01}"
    assert array(['say "hi"', "back\\slash", "NULL", "a,b}", ""]) == '{"say \\"hi\\"","back\\\\slash","NULL","a,b}",""}'


def test_a_visit_counts_once_for_a_thing_and_a_client_once_for_a_month():
    one = Came(date(2026, 3, 1), "here", "Clara", True, 150, 5, 3)
    other = Came(date(2026, 3, 9), "there", "Clara", False, 70, 0, 0)
    cuts = [Part("cut", "hair", "Olga", 100, 5, 3), Part("cut", "hair", "Irina", 50, 0, 0)]
    found = added([(one, cuts), (other, [])])
    assert found[Key("month", date(2026, 3, 1), None, "visit", None)] == Amounts(2, 1, 1, 220, 5, 3)
    assert found[Key("month", date(2026, 3, 1), "here", "service", "cut")] == Amounts(1, 1, 1, 150, 5, 3)
    assert found[Key("day", date(2026, 3, 1), None, "master", "Irina")] == Amounts(1, 1, 1, 50, 0, 0)
    assert difference(found, found) == {}
    without = added([(other, [])])
    assert difference(found, without)[Key("month", date(2026, 3, 1), None, "visit", None)] == Amounts(
        -1, 0, -1, -150, -5, -3
    )

"""Conditions are read as they are written, and costs by the day add up."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.conditions import Check, Either, Every, Mistakes, Not, condition_of, document_of
from services.analytics.domain.costs import Rate, cost_of
from services.analytics.domain.segments import FIELDS

checks = st.one_of(
    st.builds(Check, st.just("visits"), st.sampled_from(["is", "at_least", "below"]), st.integers(0, 9)),
    st.builds(Check, st.just("visits"), st.just("above"), st.integers(0, 9), st.integers(1, 400)),
    st.builds(Check, st.just("sex"), st.just("is"), st.sampled_from(["female", "male", None])),
    st.builds(Check, st.just("referred"), st.just("is"), st.booleans()),
    st.builds(Check, st.just("source"), st.just("in"), st.tuples(st.sampled_from(["radio", None]), st.just("web"))),
)


def nested(parts):
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(st.builds(Every, several), st.builds(Either, several), st.builds(Not, parts))


conditions = st.recursive(checks, nested, max_leaves=8)


@given(conditions)
def test_a_condition_is_read_as_it_is_written(condition):
    mistakes = Mistakes()
    read = condition_of(document_of(condition), FIELDS, "filter", mistakes)
    assert read == condition or any(code == "filter_too_large" for _, code, _ in mistakes.found)


@given(
    st.lists(st.builds(Rate, st.dates(date(2025, 1, 1), date(2026, 6, 1)).map(lambda day: day.replace(day=1)),
                       st.integers(0, 10**6)), max_size=4, unique_by=lambda rate: rate.month),
    st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    st.integers(0, 200),
    st.integers(1, 200),
)  # fmt: skip
def test_costs_of_two_periods_are_those_of_both_together(rates, first, days, more):
    """But for rounding each once."""
    middle, last = first + timedelta(days=days), first + timedelta(days=days + more)
    parts = cost_of(rates, first, middle) + cost_of(rates, middle + timedelta(days=1), last)
    assert abs(parts - cost_of(rates, first, last)) <= 1


def test_a_whole_month_costs_what_it_does_and_before_the_first_nothing():
    rates = [Rate(date(2026, 2, 1), 2_800), Rate(date(2026, 4, 1), 0)]
    assert cost_of(rates, date(2026, 2, 1), date(2026, 2, 28)) == 2_800
    assert cost_of(rates, date(2026, 2, 28), date(2026, 2, 28)) == 100
    assert cost_of(rates, date(2026, 1, 1), date(2026, 12, 31)) == 5_600
    assert cost_of(rates, date(2025, 1, 1), date(2026, 1, 31)) == 0

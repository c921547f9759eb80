"""What the salon may say of itself."""

from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from services.booking.domain.catalogue import (
    Terms,
    check_hours_of_day,
    check_once,
    check_terms,
    check_week,
    name_of,
)
from services.booking.domain.wish import Phase

EVERYTHING = ("price", "price_max", "duration_minutes", "phases", "capacity", "buffer_after_minutes")
COLOURING = (Phase(30), Phase(40, busy=False), Phase(50))

hours = st.tuples(st.integers(0, 1), st.integers(0, 12), st.integers(0, 12))


def refused(terms: Terms, said: Sequence[str] = EVERYTHING) -> tuple[str, str]:
    with pytest.raises(Invalid) as caught:
        check_terms(terms, said)
    return caught.value.code, next(iter(caught.value.details["errors"]))


@pytest.mark.parametrize("text", ["", "   ", "\t\n", "\u00a0\u2003"])
def test_a_name_of_nothing_but_space_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="name_blank"):
        name_of("name", text)


def test_a_name_is_kept_without_the_space_around_it() -> None:
    assert name_of("name", "  Старый Арбат ") == "Старый Арбат"


@given(st.lists(hours, max_size=6))
def test_a_week_is_refused_exactly_if_hours_end_early_or_two_of_a_weekday_share_a_minute(
    week: list[tuple[int, int, int]],
) -> None:
    minutes = [{(day, minute) for minute in range(opens, closes)} for day, opens, closes in week]
    wrong = not all(minutes) or any(one & other for one, other in combinations(minutes, 2))
    if wrong:
        with pytest.raises(Invalid, match=r"closes_early|hours_overlap"):
            check_week("opening_hours", week)
    else:
        check_week("opening_hours", week)


def test_the_refusal_of_a_week_names_the_place() -> None:
    for week, field in (
        (((0, 9, 18), (0, 18, 9)), "hours.1.closes"),
        (((0, 12, 18), (1, 9, 18), (0, 9, 13)), "hours.2"),
    ):
        with pytest.raises(Invalid) as caught:
            check_week("hours", week)
        assert list(caught.value.details["errors"]) == [field]


def test_a_day_is_closed_or_has_both_of_its_hours() -> None:
    check_hours_of_day(None, None)
    check_hours_of_day(0, 1440)
    for opens, closes, code in (
        (540, None, "hours_incomplete"), (None, 540, "hours_incomplete"), (540, 540, "closes_early"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=code):
            check_hours_of_day(opens, closes)


def test_what_stands_twice_is_refused_where_it_stands_again() -> None:
    check_once("permits.{}.kind", ["a", "b"], "permit_twice", "once")
    with pytest.raises(Invalid, match="permit_twice") as caught:
        check_once("permits.{}.kind", ["a", "b", "a"], "permit_twice", "once")
    assert list(caught.value.details["errors"]) == ["permits.2.kind"]


def test_phases_add_up_to_the_duration_and_begin_and_end_busy() -> None:
    check_terms(Terms(120, 0, 0, 1, phases=COLOURING), EVERYTHING)
    assert refused(Terms(90, 0, 0, 1, phases=COLOURING)) == ("phases_do_not_add_up", "phases")
    assert refused(Terms(70, 0, 0, 1, phases=COLOURING[:2])) == ("phases_begin_busy", "phases.1.busy")
    assert refused(Terms(90, 0, 0, 1, phases=COLOURING[1:])) == ("phases_begin_busy", "phases.0.busy")


def test_a_refusal_names_what_was_said_and_not_what_stood_there() -> None:
    assert refused(Terms(90, 0, 0, 1, phases=COLOURING), ["duration_minutes"])[1] == "duration_minutes"
    assert refused(Terms(60, 0, 0, 500, price_max=400), ["price"]) == ("price_max_low", "price")
    assert refused(Terms(120, 0, 0, 1, phases=COLOURING, capacity=2), ["capacity"]) == ("group_waits", "capacity")


def test_nobody_in_a_group_waits() -> None:
    assert refused(Terms(120, 0, 0, 1, phases=COLOURING, capacity=2)) == ("group_waits", "phases")
    check_terms(Terms(60, 0, 0, 1, phases=(Phase(60),), capacity=2), EVERYTHING)


@given(st.integers(5, 1440), st.integers(0, 1440), st.integers(0, 1440))
def test_a_service_with_its_buffers_fits_into_a_day(duration: int, before: int, after: int) -> None:
    terms = Terms(duration, before, after, 1)
    if before + duration + after <= 1440:
        check_terms(terms, EVERYTHING)
    else:
        assert refused(terms) == ("longer_than_a_day", "duration_minutes")

"""Whom rules put into categories and classes of importance."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.loyalty.domain.facts import Bill, BillLine
from services.loyalty.domain.programme import Enrolment, Level, Levels, Programme, Sort
from services.loyalty.domain.sorting import Sorting, refusal, sort_out
from services.loyalty.domain.standing import Brought, Standing

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CLARA, REGULARS, LOST, HAIRCUT = (UUID(int=number) for number in range(1, 5))
LEVELS = Levels(
    name="levels", by="visits", levels=(Level("Silver", 2, Decimal(3)), Level("Gold", 4, Decimal(5))), period_days=100
)


def a_visit(number: int, days_ago: int, price: int = 100_000, **changes: Any) -> Bill:
    at = NOW - timedelta(days=days_ago)
    line = BillLine(UUID(int=number), "service", price, service_id=HAIRCUT)
    words: dict[str, Any] = {"lines": (line,), "paid": price}
    return Bill(UUID(int=number), 2, CLARA, UUID(int=9), at, at, at, date(2026, 3, 2), "EUR", **(words | changes))


def visits(*days_ago: int) -> tuple[Bill, ...]:
    ordered = sorted(days_ago, reverse=True)
    return tuple(a_visit(100 + number, days) for number, days in enumerate(ordered))


def sort(category_id: UUID | None = REGULARS, importance: Any = None, **said: Any) -> Sort:
    return Sort(category_id, importance, **said)


def by_rules(standing: Standing, *sorts: Sort, **said: Any) -> Sorting:
    programme = Programme(None, 1, "a test", NOW - timedelta(days=900), rules=(LEVELS,), sorting=sorts, **said)
    return sort_out(programme, standing)


def clara(*bills: Bill, **said: Any) -> Standing:
    return Standing(CLARA, NOW, bills=bills, **said)


def test_all_that_is_said_has_to_hold() -> None:
    """The reason says what was asked for."""
    rule = sort(min_visits=3, min_spend=250_000, period_days=90)
    assert by_rules(clara(*visits(10, 20, 30)), rule).categories == {
        REGULARS: "3 or more visits, 2500.00 EUR or more spent, in 90 days"
    }
    (placing,) = by_rules(clara(*visits(10, 20, 95)), rule).placings
    assert [(check.what, check.found, check.holds) for check in placing.checks] == [
        ("visits", 2, False),
        ("spend", 200_000, False),
    ]


def test_visits_that_were_given_back_do_not_count() -> None:
    line = BillLine(UUID(int=1), "service", 100_000, refunded=100_000, service_id=HAIRCUT)
    undone = a_visit(1, 5, lines=(line,))
    assert by_rules(clara(undone), sort(min_visits=1)).categories == {}
    assert by_rules(clara(undone), sort(min_spend=1)).categories == {}


def test_only_people_who_count_and_were_brought_directly() -> None:
    people = tuple(
        Brought(UUID(int=20 + number), level, NOW - timedelta(days=90), since and NOW - timedelta(days=since))
        for number, (level, since) in enumerate([(1, 50), (1, 10), (1, None), (2, 10)])
    )
    standing = clara(brought=people)
    assert by_rules(standing, sort(min_people=2)).categories == {REGULARS: "2 or more people brought"}
    assert by_rules(standing, sort(min_people=3)).categories == {}
    assert by_rules(standing, sort(min_people=2, period_days=30)).categories == {}


def test_a_level_is_that_one_and_no_higher_one() -> None:
    rule = sort(level="Silver")
    assert by_rules(clara(*visits(1, 2)), rule).categories == {REGULARS: "status Silver"}
    assert by_rules(clara(*visits(1, 2, 3, 4)), rule).categories == {}


def test_who_never_came_is_not_missed() -> None:
    rule = sort(LOST, absent_days=90)
    assert by_rules(clara(*visits(90, 200)), rule).categories == {LOST: "no visit for 90 days or more"}
    assert by_rules(clara(*visits(89)), rule).categories == {}
    assert by_rules(clara(), rule).categories == {}


def test_the_highest_class_counts() -> None:
    sorts = [sort(None, "gold", min_visits=3), sort(None, "bronze", min_visits=1), sort(None, "silver", min_visits=2)]
    for count, expected in ((0, None), (1, "bronze"), (2, "silver"), (3, "gold")):
        assert by_rules(clara(*visits(*range(1, count + 1))), *sorts).importance[0] == expected


def test_of_several_rules_for_one_category_any_is_enough() -> None:
    """The first of those that hold is the reason."""
    sorting = by_rules(clara(*visits(1, 2)), sort(min_visits=5), sort(min_visits=2), sort(min_visits=1))
    assert sorting.categories == {REGULARS: "2 or more visits"}


def test_whoever_is_left_out_or_gone_is_not_sorted() -> None:
    """Nor whoever takes no part yet; the reason is told."""
    rule = sort(min_visits=1)
    for said, why in (
        ({"excluded": ((None, None),)}, "the client is left out of the programme"),
        ({"erased": True}, "the client's data were erased"),
    ):
        sorting = by_rules(clara(*visits(1), **said), rule)
        assert sorting.categories == {}
        assert refusal(sorting.placings[0]) == why
    assert by_rules(clara(*visits(1)), rule, enrolment=Enrolment(frozenset({UUID(int=77)}))).categories == {}
    assert by_rules(clara(*visits(1)), rule, enrolment=Enrolment(frozenset({HAIRCUT}))).categories != {}


SORTS = st.builds(
    Sort,
    category_id=st.sampled_from([REGULARS, LOST]),
    importance=st.none(),
    min_visits=st.none() | st.integers(1, 4),
    min_spend=st.none() | st.integers(1, 400_000),
    min_people=st.none() | st.integers(1, 3),
    level=st.sampled_from([None, "Silver", "Gold"]),
    absent_days=st.none() | st.integers(1, 120),
    period_days=st.none() | st.integers(1, 120),
)
PEOPLE = st.lists(st.integers(0, 150), max_size=4).map(
    lambda days: tuple(
        Brought(UUID(int=50 + n), 1, NOW - timedelta(days=200), NOW - timedelta(days=each, hours=n))
        for n, each in enumerate(days)
    )
)
STANDINGS = st.builds(lambda days, people: clara(*visits(*days), brought=people), st.lists(st.integers(0, 150)), PEOPLE)


@given(STANDINGS, st.lists(SORTS, min_size=1, max_size=3), st.sets(st.sampled_from([REGULARS, LOST])), st.text())
def test_what_rules_give_is_never_what_they_go_by(
    standing: Standing, sorts: list[Sort], worn: set[UUID], importance: str
) -> None:
    """So that what clients tells back of a card changes nothing, and the two never chase each other."""
    dressed = replace(standing, category_ids=frozenset(worn), importance=importance)
    assert by_rules(dressed, *sorts) == by_rules(standing, *sorts)


@given(STANDINGS, st.lists(SORTS, min_size=1, max_size=3), st.floats(0, 1))
def test_nothing_changes_by_time_alone_before_it_is_said_to(
    standing: Standing, sorts: list[Sort], share: float
) -> None:
    """Whoever looks again at `turns_at` misses nothing in between."""
    now = by_rules(standing, *sorts)
    until = now.turns_at or NOW + timedelta(days=400)
    assert until > NOW
    between = NOW + (until - NOW) * share * 0.999999
    later = by_rules(replace(standing, at=between), *sorts)
    assert (later.categories, later.importance) == (now.categories, now.importance)

"""What is called a habit, and by which evidence."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.clients.domain import LOOKED_AT, PastVisit, habits
from tests.facts import COLOUR, HAIRCUT, IRINA, OLGA

MONDAY = date(2026, 3, 2)


def a_visit(days: int = 0, hour: int | None = 18, services: tuple[UUID, ...] = (HAIRCUT,), master: UUID = OLGA):
    return PastVisit(MONDAY + timedelta(days), hour, frozenset(services), frozenset({master}))


def test_four_of_five_visits_show_a_frequent_service() -> None:
    """A service of one visit among five is none; one of half of the visits is."""
    seen = [a_visit(7 * n) for n in range(4)] + [a_visit(28, services=(COLOUR,))]
    assert [(one.what, one.count, one.of) for one in habits(seen).services] == [(HAIRCUT, 4, 5)]
    both = [*seen, a_visit(35, services=(COLOUR, HAIRCUT)), a_visit(42, services=(COLOUR,)), a_visit(49)]
    assert [(one.what, one.count, one.of) for one in habits(both).services] == [(HAIRCUT, 6, 8)]
    third = [*both, a_visit(56, services=(COLOUR,)), a_visit(63, services=(COLOUR, HAIRCUT))]
    assert [(one.what, one.count, one.of) for one in habits(third).services] == [(HAIRCUT, 7, 10), (COLOUR, 5, 10)]


def test_master_weekday_hour_and_interval() -> None:
    """The usual ones are named with how often they were so; the latest visit was by another, two days late."""
    seen = [a_visit(21 * n, hour=18) for n in range(4)] + [a_visit(86, hour=11, master=IRINA)]
    found = habits(seen)
    assert (found.visits, found.since, found.until) == (5, MONDAY, MONDAY + timedelta(86))
    assert found.master and (found.master.what, found.master.count, found.master.of) == (OLGA, 4, 5)
    assert found.weekday and (found.weekday.what, found.weekday.count, found.weekday.of) == (0, 4, 5)
    assert found.hour and (found.hour.what, found.hour.count, found.hour.of) == (18, 4, 5)
    assert found.interval and (found.interval.what, found.interval.count, found.interval.of) == (21, 4, 4)


def test_nothing_is_said_of_fewer_than_three_visits() -> None:
    for count in range(3):
        found = habits([a_visit(7 * n) for n in range(count)])
        assert (found.visits, found.services, found.interval) == (count, [], None)
        assert found.master is found.weekday is found.hour is None


def test_of_two_as_frequent_neither_is_the_usual_one() -> None:
    found = habits([a_visit(n, master=OLGA if n % 2 else IRINA) for n in range(4)])
    assert found.master is None


def test_hours_that_nobody_knows_are_no_evidence() -> None:
    """Of five visits two have a time: too few to say anything of the hour."""
    found = habits([a_visit(7 * n, hour=18 if n < 2 else None) for n in range(5)])
    assert found.hour is None
    assert found.weekday is not None


def test_an_interval_needs_intervals_that_are_alike() -> None:
    """Visits of one day are one; after 7, 60, 20 and 200 days there is no interval to speak of."""
    assert habits([a_visit(0), a_visit(0), a_visit(21)]).interval is None
    found = habits([a_visit(days) for days in (0, 7, 67, 87, 287)])
    assert found.interval is None


def test_only_the_latest_visits_are_looked_at() -> None:
    """Who always came to Irina and changed to Olga is Olga's."""
    seen = [a_visit(7 * n, master=IRINA) for n in range(100)]
    seen += [a_visit(700 + 7 * n, master=OLGA) for n in range(LOOKED_AT)]
    found = habits(seen)
    assert found.visits == LOOKED_AT
    assert found.master and (found.master.what, found.master.count) == (OLGA, LOOKED_AT)


PAST = st.builds(
    PastVisit,
    st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    st.none() | st.integers(0, 23),
    st.frozensets(st.sampled_from([HAIRCUT, COLOUR])),
    st.frozensets(st.sampled_from([OLGA, IRINA])),
)


@given(st.lists(PAST, max_size=LOOKED_AT), st.randoms())
def test_evidence_is_true_whatever_the_order(seen, chance) -> None:
    """Each habit can be counted in the visits, is one of half of them or more, and does not depend on their order."""
    found = habits(seen)
    for one in found.services:
        assert one.count == sum(one.what in visit.services for visit in seen)
    if found.master:
        assert found.master.count == sum(found.master.what in visit.masters for visit in seen)
    if found.weekday:
        assert found.weekday.count == sum(found.weekday.what == visit.day.weekday() for visit in seen)
    for said in (*found.services, found.master, found.weekday, found.hour):
        assert said is None or said.of / 2 <= said.count <= said.of <= len(seen)
        assert said is None or said.of >= 3
    shuffled = list(seen)
    chance.shuffle(shuffled)
    assert habits(shuffled) == found

"""Suggestions: whose client somebody is, when they are due, and which times suit them."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from kernel.time import Interval, zone
from services.booking.domain.suggestions import (
    MOST_SLOTS,
    Due,
    Habits,
    Past,
    Times,
    days_to_look_at,
    due,
    gaps_beside,
    masters_of,
    offers,
)
from services.booking.domain.wish import Diary, Need, Phase, Wish

ANNA, OLGA, VERA = (UUID(int=n) for n in (1, 2, 3))
HAIRCUT, BROWS = UUID(int=11), UUID(int=12)
MOSCOW = zone("Europe/Moscow")
HOUR = timedelta(hours=1)


def at(day: int, hour: int = 12, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=MOSCOW)


def a_visit(starts: datetime, *segments: tuple[UUID, UUID]) -> Past:
    return Past(UUID(int=int(starts.timestamp())), starts, segments or ((HAIRCUT, ANNA),))


# --- masters ---------------------------------------------------------------------------------------------------------


def test_the_usual_master_is_whom_most_visits_were_to() -> None:
    """Of equals the last one; those who cannot be booked any more are left out."""
    visits = [a_visit(at(1), (HAIRCUT, OLGA)), a_visit(at(2)), a_visit(at(3)), a_visit(at(4), (HAIRCUT, VERA))]
    assert masters_of(visits, None, {ANNA, OLGA, VERA}) == [(ANNA, 2), (VERA, 1), (OLGA, 1)]
    assert masters_of(visits, None, {OLGA}) == [(OLGA, 1)]


def test_the_favourite_comes_first_even_without_a_visit() -> None:
    assert masters_of([a_visit(at(1))], VERA, {ANNA, VERA}) == [(VERA, 0), (ANNA, 1)]
    assert masters_of([a_visit(at(1))], VERA, {ANNA}) == [(ANNA, 1)]


def test_two_services_by_one_master_are_one_visit() -> None:
    assert masters_of([a_visit(at(1), (HAIRCUT, ANNA), (BROWS, ANNA))], None, {ANNA}) == [(ANNA, 1)]


# --- when it is due --------------------------------------------------------------------------------------------------


def test_before_the_third_visit_the_service_says_when() -> None:
    """And not even that where it has no interval of its own."""
    visits = [a_visit(at(1)), a_visit(at(11))]
    assert due(visits, {HAIRCUT: 21}) == [Due(HAIRCUT, date(2026, 4, 1), 21, personal=False, master_id=ANNA)]
    assert due(visits, {HAIRCUT: None}) == []
    assert due(visits, {BROWS: 21}) == []


def test_from_the_third_visit_on_the_client_does() -> None:
    """The median of the days between: one long pause does not count. Of two in the middle the shorter one."""
    visits = [a_visit(at(day), (HAIRCUT, master)) for day, master in ((1, ANNA), (11, ANNA), (31, OLGA))]
    assert due(visits, {HAIRCUT: 21}) == [Due(HAIRCUT, date(2026, 4, 10), 10, personal=True, master_id=OLGA)]
    later = [*visits, a_visit(at(1, month=10))]
    assert due(later, {HAIRCUT: 21})[0].days == 20


def test_two_visits_on_a_day_are_one_time() -> None:
    """Else whoever comes twice a day would be due the same day."""
    visits = [a_visit(at(1, hour)) for hour in (10, 12, 14)]
    assert due(visits, {HAIRCUT: None}) == []


def test_what_is_due_soonest_comes_first() -> None:
    visits = [a_visit(at(1), (HAIRCUT, ANNA), (BROWS, ANNA))]
    assert [each.service_id for each in due(visits, {HAIRCUT: 40, BROWS: 21})] == [BROWS, HAIRCUT]


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)) | st.none(), st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_the_days_to_look_at_lie_ahead(on: date | None, today: date) -> None:
    """At most two weeks, with the day that it is due on where that lies ahead."""
    first, last = days_to_look_at(on, today)
    assert today <= first <= last <= first + timedelta(days=14)
    assert on is None or on < today or first <= on <= last


# --- which times suit ------------------------------------------------------------------------------------------------


def test_what_the_client_said_is_convenient() -> None:
    """Whatever their visits show; the last minute does not belong to it."""
    habits = Habits((Times(0, "10:00", "12:00"),), (at(3),) * 5)  # the third is a Tuesday
    assert habits.suit(at(2, 10))
    assert not habits.suit(at(2, 12))
    assert not habits.suit(at(3, 12))


def test_else_it_is_when_they_use_to_come() -> None:
    """The same weekday, an hour more or less; not what happened once among many."""
    habits = Habits((), (at(3), at(10), at(17), at(24), at(31), at(20)))
    assert habits.suit(at(3, 13, month=11))
    assert not habits.suit(at(3, 14, month=11))
    assert not habits.suit(at(27))
    assert not Habits((), ()).suit(at(3))


def test_the_best_offers_come_first() -> None:
    """Their master at a good time, their master, a good time; then whatever leaves the fewest gaps, the earliest."""
    habits = Habits((Times(0, "10:00", "13:00"),), ())
    free = {at(3, 10): (OLGA,), at(2, 10): (OLGA,), at(3, 11): (OLGA, ANNA), at(2, 11): (ANNA,), at(4, 10): (OLGA,)}
    found = offers(free, [ANNA], habits, {(at(4, 10), OLGA): 0}, MOSCOW)
    assert [each.starts for each in found] == [at(2, 11), at(3, 11), at(2, 10), at(4, 10), at(3, 10)]
    assert [(each.favourite, each.convenient) for each in found[:3]] == [(True, True), (True, False), (False, True)]
    assert found[1].master_ids == (ANNA, OLGA)


def test_the_dearest_of_their_masters_wins() -> None:
    free = {at(2, 10): (OLGA,), at(2, 11): (ANNA,)}
    assert [each.starts for each in offers(free, [ANNA, OLGA], Habits((), ()), {}, MOSCOW)] == [at(2, 11), at(2, 10)]


def test_there_are_never_too_many() -> None:
    free = {at(2, 0) + n * HOUR: (ANNA,) for n in range(3 * MOST_SLOTS)}
    found = offers(free, [], Habits((), ()), {}, MOSCOW)
    assert [each.starts for each in found] == sorted(free)[:MOST_SLOTS]


# --- gaps ------------------------------------------------------------------------------------------------------------


def test_a_visit_beside_another_leaves_no_gap() -> None:
    """With its buffers; the ends of the shift count as neighbours."""
    need = Need((Phase(60),), before=0, after=15)
    wish = Wish(HAIRCUT, {ANNA: need, OLGA: need})
    day = Interval(at(2, 9).astimezone(UTC), at(2, 18).astimezone(UTC))
    diaries = {ANNA: Diary([day], [Interval(at(2, 9), at(2, 10)), Interval(at(2, 11) + HOUR / 4, at(2, 13))])}
    starts = [at(2, 10), at(2, 13), at(2, 14), at(2, 16) + 3 * HOUR / 4]
    gaps = gaps_beside(dict.fromkeys(starts, (ANNA, OLGA)), [wish], diaries)
    assert gaps == dict(zip(((each, ANNA) for each in starts), (0, 1, 2, 1), strict=True))


def test_how_a_visit_of_several_ends_is_open() -> None:
    """Where somebody else renders the rest."""
    need = Need((Phase(60),))
    wishes = [Wish(HAIRCUT, {ANNA: need}), Wish(BROWS, {OLGA: need})]
    diaries = {ANNA: Diary([Interval(at(2, 9), at(2, 11))])}
    assert gaps_beside({at(2, 9): (ANNA,)}, wishes, diaries) == {(at(2, 9), ANNA): 1}
    alone = [Wish(HAIRCUT, {ANNA: need}), Wish(BROWS, {ANNA: need})]
    assert gaps_beside({at(2, 9): (ANNA,)}, alone, diaries) == {(at(2, 9), ANNA): 0}

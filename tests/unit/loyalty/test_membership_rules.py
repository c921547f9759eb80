"""Which counter pays a line, and freezing: it never shortens a membership and never gives more than was sold."""

import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Conflict, Invalid, Refusal
from kernel.money import Money
from services.loyalty.domain.memberships import (
    DAY,
    Counter,
    Pause,
    counter_for,
    freeze,
    refuse_terms,
    state_of,
    too_late,
    unfreeze,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CUT, DYE, SPA = (UUID(int=number) for number in (1, 2, 3))


def visits(place: int, left: int, *, reserved: int = 0, services: tuple = (), categories: tuple = ()) -> Counter:
    return Counter(place, "visits", left, reserved, frozenset(services), frozenset(categories))


def test_the_counter_that_names_least_pays() -> None:
    anything, hair, cut = visits(0, 9), visits(1, 9, categories=("hair",)), visits(2, 9, services=(CUT,))
    cut_or_dye = visits(3, 9, services=(CUT, DYE))
    counters = [anything, hair, cut_or_dye, cut]
    assert counter_for(counters, CUT, "hair", 1_000) == cut
    assert counter_for(counters, DYE, "hair", 1_000) == cut_or_dye
    assert counter_for(counters, SPA, "hair", 1_000) == hair
    assert counter_for(counters, SPA, "body", 1_000) == anything
    assert counter_for(counters, None, None, 1_000) == anything


def test_a_used_up_counter_leaves_it_to_a_broader_one() -> None:
    counters = [visits(0, 1), visits(1, 2, reserved=2, services=(CUT,))]
    assert counter_for(counters, CUT, "hair", 1_000).place == 0


def test_money_pays_what_it_has() -> None:
    money = Counter(0, "money", 500, 100)
    assert counter_for([money], CUT, "hair", 400) == money
    assert (money.units_for(400), visits(0, 1).units_for(400)) == (400, 1)
    with pytest.raises(Invalid, match="membership_balance_too_small"):
        counter_for([money], CUT, "hair", 401)


def test_what_is_for_another_service_or_used_up_does_not_pay() -> None:
    with pytest.raises(Invalid, match="membership_other_service"):
        counter_for([visits(0, 9, services=(DYE,))], CUT, "hair", 1)
    with pytest.raises(Invalid, match="membership_used_up"):
        counter_for([visits(0, 9, reserved=9)], CUT, "hair", 1)


def test_states_of_memberships() -> None:
    paused = [Pause(NOW, NOW + DAY, 1)]
    assert state_of([visits(0, 1)], NOW + DAY, [], NOW) == "active"
    assert state_of([visits(0, 0)], NOW + DAY, [], NOW) == "used_up"
    assert state_of([visits(0, 1)], NOW, [], NOW) == "expired"
    assert state_of([visits(0, 1)], NOW + 9 * DAY, paused, NOW) == "frozen"
    assert state_of([visits(0, 1)], NOW + 9 * DAY, paused, NOW + DAY) == "active"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price": Money(-1, "RUB")}, "price_negative"),
        ({"price": Money(1, "EUR")}, "currency_differs"),
        ({"counters": 0}, "counters_or_amount"),
        ({"amount": Money(1, "RUB")}, "counters_or_amount"),
        ({"counters": 0, "amount": Money(0, "RUB")}, "amount_not_positive"),
        ({"counters": 0, "amount": Money(5, "EUR")}, "currency_differs"),
        ({"freeze_days": 301}, "freeze_too_long"),
    ],
)
def test_terms_that_make_no_sense(changes: dict, code: str) -> None:
    terms = {"price": Money(1, "RUB"), "amount": None, "counters": 1, "valid_days": 30, "freeze_days": 0}
    with pytest.raises(Invalid, match=code):
        refuse_terms(**(terms | changes), currency="RUB")


# --- freezing --------------------------------------------------------------------------------------------------------


def frozen(days: int = 7, starts: datetime | None = None, **changes: object) -> Pause:
    words = {"pauses": [], "days_left": 14, "expires_at": NOW + 30 * DAY, "now": NOW}
    return freeze(starts, days, **(words | changes))


def test_a_freeze_begins_now_or_when_it_is_said() -> None:
    assert frozen() == Pause(NOW, NOW + 7 * DAY, 7)
    assert frozen(starts=NOW + DAY) == Pause(NOW + DAY, NOW + 8 * DAY, 7)
    assert frozen(starts=NOW - timedelta(minutes=2)).starts == NOW


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"starts": NOW - DAY}, "freeze_in_past"),
        ({"days": 15}, "freeze_too_long"),
        ({"starts": NOW + 30 * DAY}, "freeze_after_expiry"),
        ({"expires_at": NOW}, "membership_expired"),
        ({"pauses": [Pause(NOW + 6 * DAY, NOW + 9 * DAY, 3)]}, "membership_frozen_then"),
    ],
)
def test_what_cannot_be_frozen(words: dict, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        frozen(**words)


def test_a_freeze_may_follow_another_at_once() -> None:
    assert frozen(starts=NOW + 3 * DAY, pauses=[Pause(NOW, NOW + 3 * DAY, 3)]).starts == NOW + 3 * DAY


def test_ending_a_freeze_counts_the_day_that_has_begun() -> None:
    pause = Pause(NOW, NOW + 7 * DAY, 7)
    now = NOW + DAY + timedelta(minutes=1)
    assert unfreeze([pause], now) == (pause, Pause(NOW, now, 2))
    assert unfreeze([pause], NOW) == (pause, Pause(NOW, NOW, 0))


def test_a_freeze_that_has_not_begun_is_taken_back() -> None:
    pause = Pause(NOW + DAY, NOW + 8 * DAY, 7)
    assert unfreeze([pause], NOW) == (pause, Pause(NOW + DAY, NOW + DAY, 0))
    with pytest.raises(Conflict, match="membership_not_frozen"):
        unfreeze([pause], NOW + 8 * DAY)


def test_a_freeze_that_would_begin_after_the_expiry_is_taken_back_with_the_one_before_it() -> None:
    ended, later = Pause(NOW, NOW + DAY, 1), Pause(NOW + 5 * DAY, NOW + 8 * DAY, 3)
    assert too_late([later, ended], NOW + 8 * DAY) == [later]  # without it: four days
    assert too_late([later, ended], NOW + 10 * DAY) == []


STEPS = st.lists(
    st.tuples(st.sampled_from(["freeze", "unfreeze"]), st.integers(0, 80), st.integers(1, 20), st.integers(0, 200)),
    max_size=12,
)


@given(STEPS, st.integers(0, 30))
def test_freezing_never_shortens_and_never_exceeds_what_was_sold(steps: list[tuple], freeze_days: int) -> None:
    now, sold_until = NOW, NOW + 30 * DAY
    expires_at, used, pauses = sold_until, 0, []
    for what, hours, days, ahead in steps:
        now += timedelta(hours=hours)
        try:
            if what == "freeze":
                starts = now + timedelta(hours=ahead)
                pause = freeze(
                    starts, days, pauses=pauses, days_left=freeze_days - used, expires_at=expires_at, now=now
                )
                pauses.append(pause)
                used, expires_at = used + pause.days, expires_at + pause.days * DAY
            else:
                before, after = unfreeze(pauses, now)
                pauses[pauses.index(before)] = after
                given_up = before.days - after.days
                assert given_up >= 0
                used, expires_at = used - given_up, expires_at - given_up * DAY
                for late in too_late(pauses, expires_at):
                    pauses.remove(late)
                    used, expires_at = used - late.days, expires_at - late.days * DAY
        except Refusal:
            continue
        pauses = [pause for pause in pauses if pause.ends > pause.starts]
        paused = sum((pause.ends - pause.starts for pause in pauses), timedelta(0))
        assert 0 <= used <= freeze_days
        assert expires_at == sold_until + used * DAY
        assert paused <= expires_at - sold_until  # nobody loses a moment by a freeze
        ordered = sorted(pauses, key=lambda pause: pause.starts)
        assert all(one.ends <= other.starts for one, other in itertools.pairwise(ordered))
        for place, pause in enumerate(ordered):  # each freezes something that would have been usable
            assert pause.starts < sold_until + sum(each.days for each in ordered[:place]) * DAY

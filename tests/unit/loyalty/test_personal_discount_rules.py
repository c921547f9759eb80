"""The better of two discounts, and what is said of the other."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.loyalty.domain.programme import DEFAULT_TIERS
from services.loyalty.domain.referrals import Personal, best_of, grant

PERCENTS = st.decimals(0, 100, places=2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
INSTANTS = st.integers(-100, 100).map(lambda hours: NOON + timedelta(hours=hours))


@given(st.integers(0, 30), PERCENTS)
def test_the_parts_add_up_to_the_better_one(people: int, own: Decimal) -> None:
    programme = grant(people, DEFAULT_TIERS)
    best = best_of(programme, own)
    assert best.percent == max(programme.percent, own) == sum(part.percent for part in best.parts)
    assert {part.rule for part in best.parts} == {part.rule for part in programme.parts} | (
        {"personal"} if own else set()
    )


@given(PERCENTS, INSTANTS, INSTANTS, st.none() | INSTANTS, INSTANTS)
def test_a_rule_holds_between_its_bounds(
    percent: Decimal, stated: datetime, begins: datetime, ends: datetime | None, now: datetime
) -> None:
    """And whatever changes with time is a fact that is not later than now, but for a statement ahead of its clock."""
    rule = Personal(percent, begins, ends, stated)
    assert rule.at(now) == (percent if begins <= now and (ends is None or now < ends) else 0)
    assert stated <= rule.since(now) <= max(stated, now)


def test_a_rule_that_was_taken_away_gives_nothing() -> None:
    gone = Personal(None, None, None, NOON)
    assert (gone.at(NOON), gone.since(NOON + timedelta(days=1))) == (0, NOON)

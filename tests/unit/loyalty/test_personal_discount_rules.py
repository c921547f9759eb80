"""When a client's own discount is in force."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.loyalty.domain.facts import PersonalDiscount
from tests.builders import CLARA

PERCENTS = st.decimals(0, 100, places=2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
INSTANTS = st.integers(-100, 100).map(lambda hours: NOON + timedelta(hours=hours))


@given(PERCENTS, INSTANTS, st.none() | INSTANTS, INSTANTS)
def test_a_rule_holds_between_its_bounds(
    percent: Decimal, begins: datetime, ends: datetime | None, now: datetime
) -> None:
    rule = PersonalDiscount(CLARA, 1, NOON, percent, begins, ends)
    assert rule.in_force(now) == (percent if begins <= now and (ends is None or now < ends) else 0)


def test_a_rule_that_was_taken_away_gives_nothing() -> None:
    assert PersonalDiscount(CLARA, 2, NOON, None).in_force(NOON) == 0

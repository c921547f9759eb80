"""Who counts, what the count gives, which claims hold."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.loyalty.domain.programme import DEFAULT_TIERS, Tier
from services.loyalty.domain.referrals import LOOP, SELF, plain, qualifies
from tests.referrals import Claim, grant, refused

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("people", "percent"),
    [(0, 0), (1, 3), (2, 3), (3, 5), (4, 5), (5, 7), (9, 7), (10, 10), (19, 10), (20, 15), (500, 15)],
)
def test_default_programme_gives(people, percent):
    assert grant(people, DEFAULT_TIERS).percent == percent


@given(people=st.integers(0, 100), order=st.permutations(DEFAULT_TIERS))
def test_parts_add_up_and_name_the_count_and_the_percentage(people, order):
    granted = grant(people, order)
    assert sum((part.percent for part in granted.parts), Decimal(0)) == granted.percent
    for part in granted.parts:
        assert part.text.split()[0] == str(people)
        assert f"{granted.percent} %" in part.text


def test_one_person_is_a_person():
    assert grant(1, DEFAULT_TIERS).parts[0].text == "1 person you brought came and paid: 3 %"
    assert grant(3, DEFAULT_TIERS).parts[0].text == "3 people you brought came and paid: 5 %"


def test_percentages_read_without_zeros_and_exponents():
    assert [str(plain(Decimal(each))) for each in ("10.00", "7.50", "0.00", "1E+1")] == ["10", "7.5", "0", "10"]
    assert grant(1, [Tier(1, Decimal("7.50"))]).parts[0].text.endswith(": 7.5 %")


@pytest.mark.parametrize(
    ("bill", "counts"),
    [
        ({"services": 1, "due": 100, "paid": 100, "refunded": 0}, True),
        ({"services": 0, "due": 100, "paid": 100, "refunded": 0}, False),  # retail alone
        ({"services": 1, "due": 100, "paid": 0, "refunded": 0}, False),  # not paid
        ({"services": 1, "due": 100, "paid": 40, "refunded": 0}, True),
        ({"services": 1, "due": 100, "paid": 40, "refunded": 40}, False),
        ({"services": 1, "due": 100, "paid": 100, "refunded": 99}, True),
        ({"services": 1, "due": 100, "paid": 100, "refunded": 100}, False),
        ({"services": 1, "due": 0, "paid": 0, "refunded": 0}, False),  # free of charge
        ({"services": 2, "due": -50, "paid": -50, "refunded": 0}, False),  # an old bill that was offset
    ],
)
def test_a_visit_counts_when_something_was_paid_and_kept(bill, counts):
    assert qualifies(**bill) is counts


def client(number: int) -> UUID:
    return UUID(int=number)


def claims(*pairs: tuple[int, int | None, int]) -> dict[UUID, Claim]:
    return {
        client(who): Claim(None if referrer is None else client(referrer), NOON + timedelta(hours=hour))
        for who, referrer, hour in pairs
    }


def test_the_youngest_claim_of_a_loop_is_refused():
    assert refused(claims((1, 2, 1), (2, 3, 5), (3, 1, 2), (4, 1, 9))) == {client(2): LOOP}


def test_nobody_brings_themselves():
    assert refused(claims((1, 1, 1), (2, 1, 2))) == {client(1): SELF}


def test_claims_of_one_hour_are_told_apart_by_id():
    assert refused(claims((1, 2, 1), (2, 1, 1))) == {client(2): LOOP}


forests = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 5)), min_size=1, max_size=10).map(
    lambda edges: claims(*((who, referrer or None, hour) for who, (referrer, hour) in enumerate(edges, 1)))
)


@given(said=forests, data=st.data())
def test_what_holds_is_free_of_loops_and_the_same_in_any_order(said, data):
    verdicts = refused(said)
    shuffled = dict(data.draw(st.permutations(list(said.items()))))
    assert refused(shuffled) == verdicts
    for start in said:
        seen, at = set(), start
        while at in said and at not in verdicts and said[at].referrer_id:
            assert at not in seen
            seen.add(at)
            at = said[at].referrer_id


@given(said=forests)
def test_every_refusal_is_needed(said):
    """Were a refused claim to hold after all, there would be a loop through it."""
    for who in refused(said):
        at, steps = said[who].referrer_id, 0
        while at != who:
            at, steps = said[at].referrer_id, steps + 1
            assert steps <= len(said)

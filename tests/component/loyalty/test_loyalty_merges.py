"""Two cards become one: whom either brought counts for the person, whatever arrives first."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from contracts.clients import ClientErased
from contracts.loyalty import DiscountChanged, ShowDiscount, ShowReferrals
from kernel.errors import Gone, NotFound
from tests.builders import ELSEWHERE, HERE, boris
from tests.component.loyalty.test_loyalty_orders import (
    PEOPLE,
    deliver,
    histories,
    numbers_of,
    recomputed,
    tables,
    wipe,
)
from tests.facts import booked, changed, completed, merged, numbered, registered

KEPT, DUPLICATE, OLGA, IRINA, CLARA = map(numbered, range(11, 16))


@pytest.fixture
def loyalty(start):
    return start("loyalty")


def percent(loyalty, client_id):
    shown = loyalty.ask(ShowDiscount(client_id))
    return shown.discount_percent, shown.referrals.direct, shown.referrals.qualified


def test_whom_either_brought_counts_for_the_person(loyalty):
    """Three people: one the card had brought, two the duplicate."""
    loyalty.deliver(registered(KEPT), registered(DUPLICATE), registered(OLGA, KEPT))
    loyalty.deliver(registered(IRINA, DUPLICATE), registered(CLARA, DUPLICATE))
    loyalty.deliver(*(completed(numbered(100 + n), who) for n, who in enumerate((OLGA, IRINA, CLARA))))
    assert percent(loyalty, KEPT) == (3, 1, 1)
    loyalty.deliver(merged(KEPT, DUPLICATE))
    assert percent(loyalty, KEPT) == (5, 3, 3)
    tree = loyalty.ask(ShowReferrals(KEPT, 3))
    assert {child.client_id for child in tree.children} == {OLGA, IRINA, CLARA}
    assert loyalty.announced(DiscountChanged)[-1].client_id == KEPT


def test_a_person_who_was_brought_twice_counts_once(loyalty):
    """Both cards named the same referrer, and both came: that is one person."""
    loyalty.deliver(registered(OLGA), registered(KEPT, OLGA), registered(DUPLICATE, OLGA))
    loyalty.deliver(completed(numbered(100), KEPT), completed(numbered(101), DUPLICATE))
    assert percent(loyalty, OLGA) == (3, 2, 2)
    loyalty.deliver(merged(KEPT, DUPLICATE))
    assert percent(loyalty, OLGA) == (3, 1, 1)
    (child,) = loyalty.ask(ShowReferrals(OLGA, 1)).children
    assert (child.client_id, child.visits) == (KEPT, 2)


def test_visits_of_the_duplicate_count_for_the_referrer_of_the_person(loyalty):
    loyalty.deliver(registered(OLGA), registered(KEPT, OLGA), registered(DUPLICATE))
    loyalty.deliver(completed(numbered(100), DUPLICATE))
    assert percent(loyalty, OLGA) == (0, 1, 0)
    loyalty.deliver(merged(KEPT, DUPLICATE))
    assert percent(loyalty, OLGA) == (3, 1, 1)


def test_the_old_card_says_where_to(loyalty):
    """To those who see the new one; of what happened to either, the branches of both see it."""
    loyalty.deliver(registered(KEPT, home_branch_id=HERE), registered(DUPLICATE, home_branch_id=HERE))
    with pytest.raises(NotFound):
        loyalty.ask(ShowDiscount(KEPT), boris("loyalty.read"))
    loyalty.deliver(merged(KEPT, DUPLICATE), booked(numbered(100), DUPLICATE, branch_id=ELSEWHERE))
    with pytest.raises(Gone) as gone:
        loyalty.ask(ShowDiscount(DUPLICATE), boris("loyalty.read"))
    assert (gone.value.code, gone.value.details["merged_into"]) == ("merged", str(KEPT))
    assert loyalty.ask(ShowDiscount(KEPT), boris("loyalty.read")).client_id == KEPT


def test_what_was_the_home_of_one_sees_the_person(loyalty):
    """Whichever of two merges is heard of first."""
    loyalty.deliver(registered(KEPT, home_branch_id=HERE), registered(OLGA, home_branch_id=HERE))
    loyalty.deliver(merged(OLGA, KEPT), replace(merged(KEPT, DUPLICATE), were_homes=(ELSEWHERE,)))
    assert loyalty.ask(ShowDiscount(OLGA), boris("loyalty.read")).client_id == OLGA


def test_whom_one_of_the_two_brought_is_not_their_own_referrer(loyalty):
    """Until the card says otherwise the claim is refused, and counts for nobody."""
    loyalty.deliver(registered(DUPLICATE), registered(KEPT, DUPLICATE), completed(numbered(100), KEPT))
    loyalty.deliver(merged(KEPT, DUPLICATE))
    with loyalty.session() as session:
        assert session.scalar(text("SELECT refused FROM clients WHERE client_id = :id"), {"id": KEPT}) is not None
    loyalty.deliver(changed(KEPT, 9))
    with loyalty.session() as session:
        assert session.scalars(text("SELECT refused FROM clients")).all() == [None, None]
    assert percent(loyalty, KEPT) == (0, 0, 0)


@st.composite
def merging_histories(draw):
    """Cards, visits and erasures, and merges of which none is undone: who was merged is not merged again."""
    history = draw(histories())
    gone = draw(st.lists(st.sampled_from(PEOPLE), unique=True, max_size=4))
    for place, person in enumerate(gone):
        others = [each for each in PEOPLE if each not in gone[: place + 1]]
        history.append(merged(numbered(draw(st.sampled_from(others))), numbered(person), merged_version=10 + place))
    return history


def as_one(history):
    """The same history, had there been one card of each person from the beginning."""
    into = {}
    for event in history:
        if hasattr(event, "merged_id"):
            into = {each: event.client_id if now == event.merged_id else now for each, now in into.items()}
            into[event.merged_id] = event.client_id
    told = []
    for event in history:
        if hasattr(event, "referrer_id"):
            if event.client_id not in into:
                told.append((event, {"referrer_id": into.get(event.referrer_id, event.referrer_id)}))
        elif isinstance(event, ClientErased):
            if event.client_id not in into:
                told.append((event, {}))
        elif hasattr(event, "lines"):
            told.append((event, {"client_id": into.get(event.client_id, event.client_id)}))
    return [type(event)(**{**vars(event), **changes}) for event, changes in told]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data(), history=merging_histories())
def test_order_and_repetition_do_not_matter(loyalty, data, history):
    """A merge may arrive before the cards that it speaks of, and before their visits; edges never make a loop."""
    numbers = numbers_of(history)
    wipe(loyalty)
    deliver(loyalty, numbers, history, batch=1)
    lived = tables(loyalty)
    with loyalty.session() as session:
        granted = dict(session.execute(text("SELECT client_id, percent FROM discounts WHERE percent > 0")).all())
    assert granted == {who: percent for who, percent in recomputed(as_one(history)).items() if percent}

    wipe(loyalty)
    again = data.draw(st.lists(st.sampled_from(history), max_size=10))
    shuffled = data.draw(st.permutations(history + again))
    deliver(loyalty, numbers, shuffled, batch=data.draw(st.integers(1, 20)))
    assert tables(loyalty) == lived

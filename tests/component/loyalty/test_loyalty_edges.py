"""Who brought whom, whether that holds, and what somebody who looked at it says: as it is seen and changed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from contracts.auth import StaffCardChanged
from contracts.loyalty import ExportFromLoyalty, ListDoubtfulEdges, ReviewReferral, ShowDiscount, ShowEdges
from kernel.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from tests.builders import ELSEWHERE, HERE, a_service, anna, boris
from tests.facts import NOON, changed, completed, erased, merged, numbered, registered
from tests.harness import Harness

OLGA, IRINA, CLARA, DARIA = map(numbered, range(11, 15))
DAY = timedelta(days=1)
CLIENTS = a_service("clients")


@pytest.fixture
def loyalty(start) -> Harness:
    return start("loyalty")


def shared(event):
    """The card has a phone of its referrer's."""
    return replace(event, shared_contact=True)


def edges(loyalty, client_id, caller=None):
    return loyalty.ask(ShowEdges(client_id), *([caller] if caller else []))


def doubtful(loyalty, *caller, **asked):
    return [
        (each.client_id, each.verdict, each.reason) for each in loyalty.ask(ListDoubtfulEdges(**asked), *caller).items
    ]


def percent(loyalty, client_id):
    return loyalty.ask(ShowDiscount(client_id)).discount_percent


def test_edges_are_dated_and_say_why_they_do_not_hold(loyalty):
    loyalty.deliver(
        registered(OLGA), registered(DARIA), shared(registered(IRINA, OLGA)), registered(CLARA, IRINA),
        changed(IRINA, 2, referrer_id=DARIA, occurred_at=NOON + DAY),
    )  # fmt: skip
    shown = edges(loyalty, IRINA)
    assert [(each.client_id, each.verdict, each.reasons, each.until) for each in shown.above] == [
        (OLGA, "refused", ("shared_contact",), NOON + DAY),
        (DARIA, "holds", (), None),
    ]
    (clara,) = shown.children
    assert (clara.client_id, clara.verdict, clara.counts_since, clara.not_counted) == (
        CLARA, "holds", None, "no_paid_visit",
    )  # fmt: skip


def test_a_channel_is_an_edge(loyalty):
    leaflet = numbered(700)
    loyalty.deliver(replace(registered(IRINA), source_id=leaflet, channel="leaflet"))
    (only,) = edges(loyalty, IRINA).above
    assert (only.client_id, only.source_id, only.channel, only.verdict) == (None, leaflet, "leaflet", "holds")


def test_a_review_lets_a_refused_edge_hold_and_takes_it_back(loyalty):
    loyalty.deliver(registered(OLGA), shared(registered(IRINA, OLGA)), completed(numbered(100), IRINA))
    assert (percent(loyalty, OLGA), doubtful(loyalty)) == (0, [(IRINA, "refused", "shared_contact")])
    review = loyalty.ask(ReviewReferral(IRINA, holds=True, reason=" A daughter with her mother's phone "))
    assert (review.referrer_id, review.reason) == (OLGA, "A daughter with her mother's phone")
    assert (percent(loyalty, OLGA), doubtful(loyalty)) == (3, [])
    assert loyalty.ask(ShowDiscount(OLGA)).as_of == review.reviewed_at
    loyalty.ask(ReviewReferral(IRINA, holds=False, reason="It was the daughter herself"))
    assert (percent(loyalty, OLGA), doubtful(loyalty)) == (0, [(IRINA, "refused", "reviewed_refused")])
    assert [each.holds for each in edges(loyalty, IRINA).reviews] == [True, False]


def test_what_people_write_about_a_client_is_for_those_who_review_and_sealed(loyalty):
    loyalty.deliver(registered(OLGA, home_branch_id=HERE), registered(IRINA, OLGA, home_branch_id=HERE))
    loyalty.ask(ReviewReferral(IRINA, holds=False, reason="Her neighbour said so"))
    (read,) = edges(loyalty, IRINA, anna("loyalty.read", "referrals.review")).reviews
    (unread,) = edges(loyalty, IRINA, anna("loyalty.read")).reviews
    assert (read.reason, unread.reason) == ("Her neighbour said so", None)
    with loyalty.session() as session:
        assert b"neighbour" not in bytes(session.scalar(text("SELECT reason FROM reviews")))


def test_a_review_says_something_about_somebody(loyalty):
    loyalty.deliver(registered(OLGA), registered(IRINA, OLGA), registered(CLARA, CLARA))
    with pytest.raises(Invalid) as blank:
        loyalty.ask(ReviewReferral(IRINA, holds=True, reason="  "))
    assert list(blank.value.details["errors"]) == ["reason"]
    with pytest.raises(Conflict) as nobody:
        loyalty.ask(ReviewReferral(OLGA, holds=True, reason="She says so"))
    with pytest.raises(Conflict) as herself:
        loyalty.ask(ReviewReferral(CLARA, holds=True, reason="She says so"))
    assert (nobody.value.code, herself.value.code) == ("no_referrer", "never_holds")


def test_only_whoever_sees_the_client_and_may_review_does(loyalty):
    loyalty.deliver(registered(OLGA), registered(IRINA, OLGA, home_branch_id=HERE))
    request = ReviewReferral(IRINA, holds=False, reason="No")
    with pytest.raises(NotFound):
        loyalty.ask(request, boris("referrals.review"))
    with pytest.raises(Forbidden):
        loyalty.ask(request, anna("loyalty.read"))
    with pytest.raises(NotFound):
        edges(loyalty, IRINA, boris("loyalty.read"))
    with pytest.raises(Forbidden):
        edges(loyalty, IRINA, replace(anna("loyalty.read.own"), client_id=IRINA))
    loyalty.deliver(erased(IRINA))
    with pytest.raises(Gone):
        loyalty.ask(request)


def test_the_office_lists_what_to_look_at_by_pages_the_youngest_first(loyalty):
    for place, who in enumerate((IRINA, CLARA, DARIA)):
        loyalty.deliver(shared(registered(who, OLGA, registered_at=NOON + place * DAY)))
    first = loyalty.ask(ListDoubtfulEdges(limit=2))
    second = loyalty.ask(ListDoubtfulEdges(limit=2, cursor=first.next))
    assert [each.client_id for each in (*first.items, *second.items)] == [DARIA, CLARA, IRINA]
    assert (first.items[0].referrer.client_id, second.next) == (OLGA, None)
    assert doubtful(loyalty, verdict="flagged") == []


def test_whoever_brings_very_many_in_a_day_is_listed(loyalty):
    people = [numbered(200 + place) for place in range(12)]
    for place, each in enumerate(people):
        loyalty.deliver(registered(each, OLGA, registered_at=NOON + place * timedelta(minutes=1)))
    assert doubtful(loyalty, verdict="flagged") == [(each, "flagged", "velocity") for each in people[:9:-1]]
    loyalty.ask(ReviewReferral(people[10], holds=True, reason="They came to a wedding"))
    assert doubtful(loyalty) == [(people[11], "flagged", "velocity")]


def test_the_list_shows_clients_of_the_callers_branches(loyalty):
    loyalty.deliver(
        shared(registered(IRINA, OLGA, home_branch_id=HERE)), shared(registered(CLARA, OLGA, home_branch_id=ELSEWHERE)),
        shared(registered(DARIA, OLGA)),
    )  # fmt: skip
    assert {each for each, *_ in doubtful(loyalty, boris("referrals.read"))} == {CLARA, DARIA}


def test_staff_are_told_of_and_may_leave(loyalty):
    loyalty.deliver(registered(OLGA), registered(IRINA, OLGA), completed(numbered(100), IRINA))
    assert percent(loyalty, OLGA) == 3
    loyalty.deliver(StaffCardChanged(OLGA, 1, True, NOON + DAY))
    assert (percent(loyalty, OLGA), doubtful(loyalty)) == (0, [(IRINA, "refused", "referrer_is_staff")])
    loyalty.deliver(StaffCardChanged(OLGA, 2, False, NOON + 2 * DAY))
    assert (percent(loyalty, OLGA), doubtful(loyalty)) == (3, [])


def test_a_review_moves_with_the_card(loyalty):
    """The reason stays readable under the key of the card that is kept, whichever of the two it was about."""
    loyalty.deliver(registered(OLGA), registered(DARIA), shared(registered(IRINA, OLGA)), registered(CLARA))
    loyalty.ask(ReviewReferral(IRINA, holds=True, reason="Mother and daughter"))
    loyalty.deliver(merged(DARIA, OLGA), merged(CLARA, IRINA))
    (moved,) = edges(loyalty, CLARA).reviews
    assert (moved.client_id, moved.referrer_id, moved.reason) == (CLARA, DARIA, "Mother and daughter")


def test_erasure_takes_the_reason_and_leaves_the_edge(loyalty):
    loyalty.deliver(registered(OLGA), registered(IRINA, OLGA), completed(numbered(100), IRINA))
    loyalty.ask(ReviewReferral(IRINA, holds=False, reason="Her neighbour said so"))
    loyalty.deliver(erased(IRINA))
    (held,) = loyalty.ask(ExportFromLoyalty(IRINA), CLIENTS).reviews
    assert (held.holds, held.reason) == (False, None)
    (below,) = edges(loyalty, OLGA).children
    assert (below.client_id, below.verdict, below.reasons) == (IRINA, "refused", ("reviewed_refused",))
    assert doubtful(loyalty) == []


def test_a_review_outlives_a_rebuild(loyalty):
    """It is loyalty's own: no event makes it again."""
    history = [registered(OLGA), shared(registered(IRINA, OLGA)), completed(numbered(100), IRINA)]
    loyalty.deliver(*history)
    loyalty.ask(ReviewReferral(IRINA, holds=True, reason="Mother and daughter"))
    with loyalty.session() as session:
        session.execute(text("TRUNCATE clients, claims, bills, visits, discounts, grants, inbox, positions"))
        session.commit()
    loyalty.deliver(*history)
    assert percent(loyalty, OLGA) == 3

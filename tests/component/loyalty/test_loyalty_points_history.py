"""Points through random histories: whatever is set aside, billed, refunded and adjusted, in any order, adds up."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from contracts.booking import PaidPart
from contracts.loyalty import AdjustPoints, ListUnsettledPayments, ReleaseTenders, ReserveTenders, ShowPoints, Tender
from kernel.errors import Invalid
from services.loyalty.tables import point_entries
from tests.builders import HERE, a_service
from tests.component.loyalty.test_loyalty_points import points_from
from tests.facts import completed, line, merged, numbered, refunded, registered
from tests.harness import Harness

BOOKING = a_service("booking")
VALUE, PERCENT, DUE = 100, 5, 100_000
EXAMPLES = itertools.count(1)

visits = st.fixed_dictionaries(
    {
        "points": st.integers(0, 400),  # that are to pay, of 1000 that the visit costs
        "refunds": st.lists(st.integers(0, 1_000), max_size=2).map(sorted),  # of it, in points' worth, all told
        "reserve": st.booleans(),  # or the reservation was lost
        "release": st.booleans(),
    }
)
histories = st.fixed_dictionaries(
    {
        "start": st.integers(0, 800),
        "adjust": st.lists(st.integers(-300, 300), max_size=3),
        "visits": st.lists(visits, min_size=1, max_size=3),
        "order": st.randoms(use_true_random=False),
        "merge": st.booleans(),
    }
)


@pytest.fixture(scope="module")
def living(migrated, tmp_path_factory):
    harness = Harness("loyalty", migrated("loyalty"), tmp_path_factory.mktemp("keys"))
    points_from(harness, value=VALUE, percent=str(PERCENT))
    yield harness
    harness.close()


def bills_of(visit_id, client_id, held, visit):
    """The bill of a visit and those after its refunds: points go back in proportion, rounded to their favour."""
    paid = visit["points"] * VALUE
    bills = [completed(visit_id, client_id, payments=parts(held, paid, DUE - paid))]
    for version, refund in enumerate(visit["refunds"], 3):
        back = refund * VALUE
        in_points = paid * back // DUE
        left = parts(held, paid - in_points, DUE - paid - (back - in_points))
        bills.append(refunded(visit_id, client_id, line(refunded=back), version=version, payments=left))
    return bills


def parts(held, in_points, in_money):
    return tuple(part for part in (PaidPart("points", in_points, held), PaidPart("card", in_money)) if part.amount)


def expected_of(bill):
    """What the newest bill of a visit earns, and how many points are to stay redeemed for it."""
    paid = {part.kind: part.amount for part in bill.payments}
    kept = bill.due - bill.refunded
    earned = paid.get("card", 0) * PERCENT // 100 // VALUE if kept > 0 else 0
    return earned, -(-paid.get("points", 0) // VALUE)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=histories)
def test_what_came_less_what_went_is_what_there_is_and_every_bill_has_its_part(living, history):
    base = next(EXAMPLES) * 10**6
    client, kept = numbered(base), numbered(base + 1)
    living.deliver(registered(client), registered(kept))
    if history["start"]:
        living.ask(AdjustPoints(client, history["start"], "to begin with"))
    told = []
    for number, visit in enumerate(history["visits"], 10):
        visit_id, held = numbered(base + number), numbered(base + 100 + number)
        if visit["points"] and visit["reserve"]:
            request = ReserveTenders(
                held, visit_id, client, HERE, "RUB", DUE, (Tender("points", visit["points"] * VALUE),)
            )
            try:
                living.ask(request, BOOKING)
            except Invalid as refused:
                assert refused.code == "points_not_enough"
            if visit["release"]:
                living.ask(ReleaseTenders(held), BOOKING)
        told += bills_of(visit_id, client, held, visit)
    for change in filter(None, history["adjust"]):
        try:
            living.ask(AdjustPoints(client, change, "so it was agreed"))
        except Invalid as refused:
            assert refused.code == "points_not_enough"
    disordered = told * 2
    history["order"].shuffle(disordered)
    half = len(disordered) // 2
    living.deliver(*disordered[:half])
    if history["merge"]:
        living.deliver(merged(kept, client))
    living.deliver(*disordered[half:])
    whole = kept if history["merge"] else client
    newest = {bill.appointment_id: bill for bill in sorted(told, key=lambda each: each.version)}
    unsettled = {each.appointment_id: each.amount.amount for each in all_unsettled(living)}
    with living.session() as session:
        for visit_id, bill in newest.items():
            earned, redeemed = expected_of(bill)
            assert sum_of(session, visit_id, "visit") == earned
            missing = -(-unsettled.get(visit_id, 0) // VALUE)
            assert -sum_of(session, visit_id, "payment") == redeemed - missing
        mine = point_entries.c.client_id.in_((client, kept))
        total = session.scalar(select(func.coalesce(func.sum(point_entries.c.points), 0)).where(mine))
    shown = living.ask(ShowPoints(whole))
    assert shown.balance == total
    assert (shown.reserved, shown.debt) == (0, max(0, -total))


def sum_of(session, visit_id, about):
    entries = point_entries.c
    these = (entries.appointment_id == visit_id) & (entries.about == about)
    return session.scalar(select(func.coalesce(func.sum(entries.points), 0)).where(these))


def all_unsettled(living):
    page = living.ask(ListUnsettledPayments(limit=200))
    found = list(page.items)
    while page.next:
        page = living.ask(ListUnsettledPayments(limit=200, cursor=page.next))
        found += page.items
    return found

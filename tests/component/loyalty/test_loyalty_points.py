"""Points: earned by bills as they stand, given and taken by hand, lapsing, moved with cards, seen by few."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from chassis.database import new_id
from contracts.booking import PaidPart
from contracts.loyalty import (
    AdjustPoints,
    ExcludeClient,
    ExportFromLoyalty,
    ListPointEntries,
    LoyaltyHandled,
    ShowDiscount,
    ShowPoints,
)
from kernel.errors import Forbidden, Gone, Invalid, NotFound
from kernel.money import Money
from kernel.time import utc_now
from services.loyalty.tables import derived, point_accounts, point_entries, point_texts, programmes
from tests.builders import CLARA, HERE, a_service, a_user, anna, boris
from tests.facts import (
    COLOUR,
    NOON,
    booked,
    changed,
    completed,
    erased,
    line,
    merged,
    numbered,
    refunded,
    registered,
    retail,
)
from tests.harness import Harness

VISIT = numbered(7)
CLIENTS = a_service("clients")


@pytest.fixture
def loyalty(start):
    return start("loyalty")


def points_from(loyalty, at=NOON - timedelta(days=1), enrolment: Any = None, **rules: Any) -> None:
    """The chain's programme has points from `at` on."""
    with loyalty.session() as session:
        newest = session.scalar(select(func.max(programmes.c.version)))
        session.execute(update(programmes).where(programmes.c.ends.is_(None)).values(ends=at, ended_at=at))
        document = {"name": "Points", "rules": [], "points": rules} | ({"enrolment": enrolment} if enrolment else {})
        row = {"version": newest + 1, "id": new_id(), "starts": at, "document": document}
        session.execute(insert(programmes).values(row | {"published_at": at}))
        session.commit()


def points(loyalty, client_id=CLARA, caller=None, **words):
    return loyalty.ask(ShowPoints(client_id, **words), *([caller] if caller else []))


def balance(loyalty, client_id=CLARA):
    return points(loyalty, client_id).balance


def entries(loyalty, client_id=CLARA, **words):
    return loyalty.ask(ListPointEntries(client_id, **words)).items


def moves(loyalty, client_id=CLARA):
    """What came and went, the oldest first."""
    return [(each.kind, each.about, each.points) for each in reversed(entries(loyalty, client_id))]


# --- earning ---------------------------------------------------------------------------------------------------------


def test_a_visit_earns_by_its_number_and_by_the_money_paid_for_services(loyalty):
    points_from(loyalty, value=100, per_visit=10, percent="5")
    loyalty.deliver(registered(CLARA), completed(VISIT, CLARA, line(), retail(50_000)))
    shown = points(loyalty)
    assert (shown.balance, shown.available, shown.debt) == (10 + 50, 60, 0)
    assert (shown.value, shown.worth) == (Money(100, "RUB"), Money(6_000, "RUB"))
    (entry,) = entries(loyalty)
    assert (entry.kind, entry.about, entry.points, entry.appointment_id) == ("earn", "visit", 60, VISIT)


def test_refunds_take_back_their_part_once_whatever_comes_twice_or_late(loyalty):
    points_from(loyalty, value=100, per_visit=10, percent="5")
    first, half = completed(VISIT, CLARA), refunded(VISIT, CLARA, line(refunded=50_000))
    whole = refunded(VISIT, CLARA, line(refunded=100_000), version=4)
    loyalty.deliver(registered(CLARA), first, first, half, half, first)
    assert moves(loyalty) == [("earn", "visit", 60), ("reverse", "visit", -25)]
    loyalty.deliver(whole, half, whole)
    assert balance(loyalty) == 0
    assert moves(loyalty)[2:] == [("reverse", "visit", -35)]


def test_what_the_newest_bill_says_is_earned_whichever_came_first(loyalty):
    points_from(loyalty, value=100, percent="5")
    loyalty.deliver(registered(CLARA), refunded(VISIT, CLARA, line(refunded=50_000)), completed(VISIT, CLARA))
    assert moves(loyalty) == [("earn", "visit", 25)]


def test_points_and_certificates_earn_nothing(loyalty):
    points_from(loyalty, value=100, percent="10")
    parts = (PaidPart("certificate", 60_000), PaidPart("cash", 40_000))
    loyalty.deliver(registered(CLARA), completed(VISIT, CLARA, payments=parts))
    assert balance(loyalty) == 40


def test_visits_from_before_there_were_points_earn_nothing(loyalty):
    points_from(loyalty, at=NOON + timedelta(days=30), per_visit=10)
    loyalty.deliver(registered(CLARA), completed(VISIT, CLARA))
    assert balance(loyalty) == 0
    assert entries(loyalty) == ()
    loyalty.deliver(completed(numbered(8), CLARA, local_date=(NOON + timedelta(days=31)).date()))
    assert balance(loyalty) == 10


def test_bringing_somebody_earns_once_they_count_and_goes_along_when_they_do_not(loyalty):
    points_from(loyalty, per_referral=100, welcome=50)
    person, dora = numbered(100), numbered(50)
    loyalty.deliver(registered(CLARA), registered(dora), registered(person, CLARA))
    assert (balance(loyalty), balance(loyalty, person)) == (0, 0)
    loyalty.deliver(completed(VISIT, person))
    loyalty.tick()
    assert (balance(loyalty), balance(loyalty, person)) == (100, 50)
    loyalty.deliver(completed(numbered(8), person))
    loyalty.tick()
    assert (balance(loyalty), balance(loyalty, person)) == (100, 50)
    loyalty.deliver(changed(person, 2, dora))
    loyalty.tick()
    assert (balance(loyalty), balance(loyalty, dora), balance(loyalty, person)) == (0, 100, 50)
    loyalty.deliver(changed(person, 3, None))
    loyalty.tick()
    assert (balance(loyalty, dora), balance(loyalty, person)) == (0, 0)


def test_a_refund_takes_back_what_the_referrer_has(loyalty):
    points_from(loyalty, per_referral=100)
    person = numbered(100)
    loyalty.deliver(registered(CLARA), registered(person, CLARA), completed(VISIT, person))
    loyalty.tick()
    loyalty.deliver(refunded(VISIT, person))
    loyalty.tick()
    assert moves(loyalty) == [("earn", "referral", 100), ("reverse", "referral", -100)]
    assert [each.person_id for each in entries(loyalty)] == [person, person]


def test_a_rebuild_adds_nothing_to_the_ledger(loyalty):
    """Cards come before visits then: in between nobody counts."""
    points_from(loyalty, per_visit=10, per_referral=100, welcome=50)
    person = numbered(100)
    told = (registered(CLARA), registered(person, CLARA), completed(VISIT, person), completed(numbered(8), CLARA))
    loyalty.deliver(*told, refunded(numbered(8), CLARA))
    loyalty.tick()
    with loyalty.session() as session:
        before = session.execute(select(point_entries).order_by(point_entries.c.id)).all()
    assert len(before) == 5
    loyalty.dispatcher.inbox.empty([table.name for table in derived])
    loyalty.deliver(*told, refunded(numbered(8), CLARA))
    loyalty.tick()
    with loyalty.session() as session:
        assert session.execute(select(point_entries).order_by(point_entries.c.id)).all() == before


def test_who_is_left_out_of_the_programme_earns_nothing_meanwhile(loyalty):
    points_from(loyalty, per_visit=10, per_referral=100)
    person, today = numbered(100), utc_now()
    loyalty.deliver(registered(CLARA), registered(person, CLARA), completed(VISIT, CLARA))
    loyalty.ask(ExcludeClient(CLARA, 1, reason="works next door"))
    later = {"local_date": (today + timedelta(days=2)).date()}
    loyalty.deliver(completed(numbered(8), CLARA, **later), completed(numbered(9), person, **later))
    loyalty.tick()
    assert (balance(loyalty), balance(loyalty, person)) == (10, 10)
    loyalty.deliver(refunded(VISIT, CLARA))
    assert balance(loyalty) == 0


def test_only_who_is_enrolled_earns_whichever_bill_comes_first(loyalty):
    points_from(loyalty, per_visit=10, enrolment={"service_ids": [str(COLOUR)]})
    loyalty.deliver(registered(CLARA))
    days = [(NOON + timedelta(days=day)).date() for day in range(5)]
    loyalty.deliver(
        completed(numbered(1), CLARA, local_date=days[1]), completed(numbered(3), CLARA, local_date=days[3])
    )
    loyalty.tick()
    assert balance(loyalty) == 0
    loyalty.deliver(completed(numbered(2), CLARA, line(service_id=COLOUR), local_date=days[2]))
    loyalty.tick()
    assert [each.appointment_id for each in entries(loyalty)] == [numbered(3)]
    loyalty.deliver(completed(numbered(4), CLARA, local_date=days[4]))
    loyalty.tick()
    assert balance(loyalty) == 20
    loyalty.deliver(refunded(numbered(4), CLARA, local_date=days[4]))
    loyalty.tick()
    assert balance(loyalty) == 10
    loyalty.deliver(refunded(numbered(4), CLARA, local_date=days[4]))
    loyalty.tick()
    assert len(moves(loyalty)) == 3


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_points_are_given_and_taken_by_hand_with_a_reason_that_the_client_does_not_see(loyalty):
    loyalty.deliver(registered(CLARA, home_branch_id=HERE))
    manager = anna("points.adjust")
    given_ = loyalty.ask(AdjustPoints(CLARA, 30, " She waited an hour "), manager)
    assert (given_.kind, given_.points, given_.reason, given_.author_id) == (
        "adjust",
        30,
        "She waited an hour",
        manager.id,
    )
    assert loyalty.ask(AdjustPoints(CLARA, -10, "a mistake"), manager).balance == 20
    own = loyalty.ask(ListPointEntries(CLARA), a_user("loyalty.read.own", client_id=CLARA)).items
    assert [(each.points, each.reason, each.author_id) for each in own] == [(-10, None, None), (30, None, None)]
    told = loyalty.announced(LoyaltyHandled)
    assert [(each.action, each.subject_id, each.actor_id, each.details["points"]) for each in told] == [
        ("points.adjusted", CLARA, manager.id, ("30",)),
        ("points.adjusted", CLARA, manager.id, ("-10",)),
    ]
    with loyalty.session() as session:
        assert all(b"waited" not in row.text for row in session.execute(select(point_texts)))


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [(-31, "points_not_enough", "points"), (0, "points_zero", "points")],
)
def test_nobody_takes_more_than_there_is(loyalty, change, code, place):
    loyalty.deliver(registered(CLARA))
    loyalty.ask(AdjustPoints(CLARA, 30, "a gift"))
    with pytest.raises(Invalid, match=code) as refused:
        loyalty.ask(AdjustPoints(CLARA, change, "why not"))
    assert list(refused.value.details["errors"]) == [place]
    with pytest.raises(Invalid, match="reason_missing"):
        loyalty.ask(AdjustPoints(CLARA, 1, "  "))
    assert balance(loyalty) == 30


def test_the_same_key_gives_once(loyalty):
    loyalty.deliver(registered(CLARA))
    first = loyalty.ask(AdjustPoints(CLARA, 30, "a gift"), key="once")
    assert loyalty.ask(AdjustPoints(CLARA, 30, "a gift"), key="once") == first
    assert balance(loyalty) == 30


def test_boris_may_not_and_a_client_sees_their_own(loyalty):
    loyalty.deliver(registered(CLARA, home_branch_id=HERE), registered(numbered(50)))
    for request in (ShowPoints(CLARA), ListPointEntries(CLARA), AdjustPoints(CLARA, 1, "mine")):
        with pytest.raises(NotFound, match="client_not_found"):
            loyalty.ask(request, boris("loyalty.read", "points.adjust"))
    with pytest.raises(Forbidden):
        loyalty.ask(AdjustPoints(CLARA, 1, "mine"), anna("loyalty.read"))
    clara = a_user("loyalty.read.own", client_id=CLARA)
    assert points(loyalty, caller=clara).balance == 0
    with pytest.raises(NotFound):
        points(loyalty, numbered(50), clara)


# --- lapsing ---------------------------------------------------------------------------------------------------------


def days_ago(days):
    return (utc_now() - timedelta(days=days)).date()


def test_what_lapsed_counts_nowhere_before_the_clock_has_entered_it(loyalty):
    points_from(loyalty, at=utc_now() - timedelta(days=500), per_visit=10, expire_after_days=100)
    loyalty.deliver(registered(CLARA))
    loyalty.deliver(completed(VISIT, CLARA, local_date=days_ago(150)))
    loyalty.deliver(completed(numbered(8), CLARA, local_date=days_ago(60)))
    loyalty.deliver(completed(numbered(9), CLARA, local_date=days_ago(50)))
    shown = points(loyalty)
    assert (shown.balance, shown.expiring.points) == (20, 10)
    assert shown.expiring.at.date() == days_ago(60) + timedelta(days=100)
    assert loyalty.ask(ShowDiscount(CLARA)).points == 20
    loyalty.tick()
    assert balance(loyalty) == 20
    assert sorted(moves(loyalty)) == [("earn", "visit", 10)] * 3 + [("expire", "lot", -10)]
    loyalty.tick()
    assert len(moves(loyalty)) == 4


# --- cards that become one, and people who go ------------------------------------------------------------------------


def test_a_merge_takes_points_along_with_their_day_and_a_refund_still_finds_them(loyalty):
    points_from(loyalty, value=100, percent="5", expire_after_days=10_000)
    kept, gone = numbered(50), CLARA
    loyalty.deliver(registered(kept), registered(gone), completed(VISIT, gone), completed(numbered(8), kept))
    loyalty.ask(AdjustPoints(gone, 7, "a gift for Clara"))
    loyalty.deliver(merged(kept, gone))
    assert balance(loyalty, kept) == 50 + 50 + 7
    with pytest.raises(Gone):
        points(loyalty, gone)
    assert {each.reason for each in entries(loyalty, kept)} == {None, "a gift for Clara"}
    loyalty.deliver(refunded(VISIT, gone), completed(numbered(9), gone))
    assert balance(loyalty, kept) == 50 + 7 + 50
    with loyalty.session() as session:
        assert session.scalar(select(point_accounts.c.balance).where(point_accounts.c.client_id == gone)) == 0


def test_erasure_leaves_sums_and_no_word(loyalty):
    points_from(loyalty, per_visit=10)
    loyalty.deliver(registered(CLARA), completed(VISIT, CLARA))
    loyalty.ask(AdjustPoints(CLARA, 30, "she waited"))
    loyalty.deliver(erased(CLARA))
    with pytest.raises(Gone):
        points(loyalty)
    with loyalty.session() as session:
        assert session.scalar(select(func.sum(point_entries.c.points))) == 40
        assert session.execute(select(point_texts)).all() == []
    assert not loyalty.dispatcher.instance.keyring.has(CLARA)


def test_the_export_of_a_person_tells_every_entry(loyalty):
    points_from(loyalty, per_visit=10)
    loyalty.deliver(registered(CLARA), completed(VISIT, CLARA))
    loyalty.ask(AdjustPoints(CLARA, 30, "she waited"))
    told = loyalty.ask(ExportFromLoyalty(CLARA), CLIENTS).points
    assert [(each.points, each.reason) for each in told] == [(10, None), (30, "she waited")]


# --- what the database holds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE point_entries SET points = points + 1",
        "DELETE FROM point_entries",
        "DELETE FROM point_accounts",
        "UPDATE point_accounts SET balance = balance + 1",
        "UPDATE point_accounts SET entries = entries + 1",
    ],
)
def test_the_ledger_is_only_added_to(loyalty, statement):
    loyalty.deliver(registered(CLARA))
    loyalty.ask(AdjustPoints(CLARA, 30, "a gift"))
    with loyalty.session() as session, pytest.raises(DBAPIError):
        session.execute(text(statement))
        session.commit()
    assert balance(loyalty) == 30


def test_pages_follow_one_another(loyalty):
    loyalty.deliver(registered(CLARA))
    for number in range(1, 6):
        loyalty.ask(AdjustPoints(CLARA, number, "a gift"))
    first = loyalty.ask(ListPointEntries(CLARA, limit=3))
    rest = loyalty.ask(ListPointEntries(CLARA, limit=3, cursor=first.next))
    assert [each.points for each in (*first.items, *rest.items)] == [5, 4, 3, 2, 1]
    assert rest.next is None


# --- any order -------------------------------------------------------------------------------------------------------

EXAMPLES = itertools.count(1)
BILLS = [
    completed(VISIT, CLARA),
    refunded(VISIT, CLARA, line(refunded=30_000)),
    refunded(VISIT, CLARA, line(refunded=100_000), version=4),
    completed(numbered(8), CLARA, line(70_000), retail(30_000)),
    completed(numbered(9), numbered(50)),
    replace(booked(numbered(10), CLARA), version=1),
]


@pytest.fixture(scope="module")
def living(migrated, tmp_path_factory):
    harness = Harness("loyalty", migrated("loyalty"), tmp_path_factory.mktemp("keys"))
    points_from(harness, value=100, per_visit=3, percent="5", per_referral=20)
    yield harness
    harness.close()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(order=st.lists(st.sampled_from(BILLS), min_size=1, max_size=12))
def test_in_any_order_and_however_often_it_ends_as_the_newest_bills_say(living, order):
    """Ids of each example are its own: what a ledger was told stays."""
    shift = next(EXAMPLES) * 10**6
    moved = {each: numbered(each.int + shift) for each in (VISIT, *map(numbered, (8, 9, 10, 50)), CLARA)}
    told = [replace(each, appointment_id=moved[each.appointment_id], client_id=moved[each.client_id]) for each in order]
    living.deliver(registered(moved[CLARA]), *told)
    newest = {}
    for bill in order:
        if hasattr(bill, "lines"):
            newest[bill.appointment_id] = max(
                newest.get(bill.appointment_id, bill), bill, key=lambda each: each.version
            )
    theirs = [bill for bill in newest.values() if bill.client_id == CLARA]
    expected = sum(_earns(bill) for bill in theirs)
    assert balance(living, moved[CLARA]) == expected
    with living.session() as session:
        assert (
            session.scalar(
                select(func.coalesce(func.sum(point_entries.c.points), 0)).where(
                    point_entries.c.client_id == moved[CLARA]
                )
            )
            == expected
        )


def _earns(bill):
    kept = bill.due - bill.refunded
    services = sum(each.due - each.refunded for each in bill.lines if each.kind == "service")
    return 3 + services * 5 // 100 // 100 if kept > 0 else 0

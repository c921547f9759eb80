"""Whatever kinds of facts arrive in whatever order: what is kept is what they say, worked out once from all of them."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from chassis.database import new_id
from contracts.analytics import SegmentMembersChanged, SegmentRemoved
from contracts.auth import StaffCardChanged
from contracts.booking import AppliedDiscount
from contracts.clients import OccasionClosed, OccasionOpened, PersonalDiscountChanged
from kernel.time import utc_now
from services.loyalty.domain.granting import NOTHING, as_completed, granted
from services.loyalty.domain.programme import (
    Birthday,
    Budget,
    Combination,
    Group,
    Level,
    Levels,
    Personal,
    Programme,
    Referrals,
    Reward,
    Segment,
    Tier,
    Visits,
)
from services.loyalty.domain.programme import Step as From
from services.loyalty.domain.timeline import FIRST
from services.loyalty.domain.writing import document_of
from services.loyalty.queries.dossier import look_up
from services.loyalty.queries.judged import judged
from services.loyalty.tables import discounts, grants
from services.loyalty.usecases import judge_due
from tests.component.loyalty.test_loyalty_orders import PEOPLE, deliver, numbers_of, tables, wipe
from tests.facts import NOON, changed, completed, erased, line, merged, numbered, refunded, registered
from tests.harness import Harness

DAY = timedelta(days=1)
VIP, REGULARS = numbered(900), numbered(901)
RICH = Programme(
    id=None,
    version=1,
    name="everything at once",
    starts=FIRST,
    rules=(
        Referrals(
            name="referrals",
            tiers=(Tier(1, Decimal(4)), Tier(2, Decimal(9))),
            depth=2,
            weight=Decimal("0.5"),
            budget=Budget(Decimal(10), Decimal("0.5"), 1),
        ),
        Visits(name="visits", steps=(From(2, Decimal(3)), From(4, Decimal(6)))),
        Levels(name="levels", by="spend", levels=(Level("Silver", 100_000, Decimal(2)),)),
        Birthday(name="birthday", reward=Reward(percent=Decimal(15))),
        Segment(name="vip", reward=Reward(percent=Decimal(1)), category_ids=frozenset({VIP})),
        Segment(name="regulars", reward=Reward(percent=Decimal(5)), segment_ids=frozenset({REGULARS})),
        Personal(name="personal"),
    ),
    combination=Combination(
        groups=(Group(("referrals", "personal", "birthday")), Group(("visits", "levels", "vip", "regulars"), "sum")),
        by="sum",
        max_percent_per_visit=Decimal(20),
    ),
)


@pytest.fixture
def loyalty(start: Callable[..., Harness]) -> Harness:
    """With rules that look at everything, in force since ever."""
    harness = start("loyalty")
    with harness.session() as session:
        said = {"id": new_id(), "document": json.dumps(document_of(RICH), default=str)}
        session.execute(text("SET LOCAL session_replication_role = replica"))  # what was published stays, else
        session.execute(text("UPDATE programmes SET id = :id, document = CAST(:document AS JSONB)"), said)
        session.commit()
    return harness


hours = st.integers(0, 200).map(lambda count: NOON + timedelta(hours=count))


@st.composite
def histories(draw: Any) -> list[Any]:
    said: list[Any] = []
    for person in PEOPLE:
        versions = draw(st.lists(st.tuples(st.sampled_from([None, *PEOPLE]), hours), min_size=1, max_size=3))
        for version, (referrer, at) in enumerate(versions, 1):
            build = registered if version == 1 else changed
            said.append(
                build(
                    numbered(person),
                    version=version,
                    referrer_id=referrer and numbered(referrer),
                    occurred_at=at,
                    shared_contact=draw(st.sampled_from([False, False, False, True])),
                    category_ids=draw(st.sampled_from([(), (VIP,)])),
                )
            )
    for number in range(draw(st.integers(0, 10))):
        said += _visit(draw, numbered(100 + number))
    for version in range(2, draw(st.integers(2, 4))):
        begins, length = draw(hours), draw(st.integers(1, 90))
        ends = begins + timedelta(hours=length)
        who = numbered(draw(st.sampled_from(PEOPLE)))
        said.append(PersonalDiscountChanged(who, version, Decimal(draw(st.integers(1, 30))), begins, ends, draw(hours)))
    for person in draw(st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True)):
        opened = draw(hours)
        said.append(OccasionOpened(numbered(person), "birthday", 2026, opened))
        said.append(
            OccasionClosed(numbered(person), "birthday", 2026, opened + timedelta(days=draw(st.integers(0, 5))))
        )
    for version, works in enumerate(draw(st.lists(st.booleans(), max_size=2)), 1):
        said.append(StaffCardChanged(numbered(draw(st.sampled_from(PEOPLE))), version, works, draw(hours)))
    for position in range(1, draw(st.integers(1, 5))):
        people = [numbered(person) for person in draw(st.lists(st.sampled_from(PEOPLE), max_size=4, unique=True))]
        joined = draw(st.integers(0, len(people)))
        said.append(
            SegmentMembersChanged(REGULARS, position, tuple(people[:joined]), tuple(people[joined:]), draw(hours))
        )
    if draw(st.booleans()):
        said.append(SegmentRemoved(REGULARS, 9, draw(hours)))
    kept, gone, forgotten = draw(st.permutations(PEOPLE))[:3]
    if draw(st.booleans()):
        said.append(erased(numbered(draw(st.sampled_from([kept, forgotten])))))
    if draw(st.booleans()):
        said.append(merged(numbered(kept), numbered(gone)))
    return said


def _visit(draw: Any, appointment_id: Any) -> list[Any]:
    """A visit with a discount that booking says it has from somewhere, and what went back of it."""
    client_id = numbered(draw(st.sampled_from(PEOPLE)))
    day = (NOON + DAY * draw(st.integers(0, 8))).date()
    due, off = draw(st.integers(0, 3)) * 40_000, draw(st.sampled_from([0, 1_200]))
    source = draw(st.sampled_from(["loyalty", "promise", "copy", None]))
    words = {"local_date": day, "applied": AppliedDiscount(source) if source else None}
    said = [completed(appointment_id, client_id, line(due, discount=off), **words)]
    if draw(st.booleans()):
        back = line(due, discount=off, refunded=draw(st.integers(0, due)))
        said.append(refunded(appointment_id, client_id, back, **words))
    return said


def settle(harness: Harness) -> None:
    """Judge those whose segments are others: they are judged in a moment, when more of what was said is known."""
    with harness.session() as session:
        while judge_due(session, utc_now()):
            pass
        session.commit()


def given_from_scratch(harness: Harness) -> dict[Any, tuple[Any, ...]]:
    """What every visit is given, each client's from the first on, in a history of all facts."""
    found: dict[Any, tuple[Any, ...]] = {}
    with harness.session() as session:
        people = [numbered(person) for person in PEOPLE]
        dossier = look_up(session, people)
        gone = set(session.scalars(text("SELECT client_id FROM clients WHERE erased")))
        for client_id in people:
            had = NOTHING
            for bill in as_completed(dossier.bills(client_id)):
                programme = dossier.programmes.at(bill.branch_id, bill.completed_at)
                standing = dossier.history.standing(client_id, bill.completed_at, programme)
                verdict = granted(programme, standing, bill, had)
                had = had.and_then(bill.appointment_id, verdict)
                if client_id not in gone:
                    found[bill.appointment_id] = (verdict.discount, list(verdict.once), verdict.budget_used)
    return found


def percentages_from_scratch(harness: Harness) -> dict[Any, Decimal]:
    with harness.session() as session:
        people = [numbered(person) for person in PEOPLE]
        dossier = look_up(session, people)
        merged_away = set(session.scalars(text("SELECT merged_id FROM merges")))
        at = dossier.present(utc_now())
        verdicts = {each: judged(dossier, each, at).verdict for each in people if each not in merged_away}
    return {client_id: verdict.percent for client_id, verdict in verdicts.items() if verdict.percent}


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data(), history=histories())
def test_what_is_kept_is_what_the_facts_say_in_whatever_order_they_come(
    loyalty: Harness, data: Any, history: list[Any]
) -> None:
    numbers = numbers_of(history)
    wipe(loyalty)
    deliver(loyalty, numbers, history, batch=data.draw(st.integers(2, 20)))
    settle(loyalty)
    lived = tables(loyalty)
    with loyalty.session() as session:
        wanted = select(grants.c.appointment_id, grants.c.discount, grants.c.once, grants.c.budget)
        kept = {row[0]: tuple(row[1:]) for row in session.execute(wanted)}
        percents = {row.client_id: row.percent for row in session.execute(select(discounts)) if row.percent}
    assert kept == given_from_scratch(loyalty)
    assert percents == percentages_from_scratch(loyalty)

    wipe(loyalty)
    again = data.draw(st.lists(st.sampled_from(history), max_size=10))
    deliver(loyalty, numbers, data.draw(st.permutations(history + again)), batch=data.draw(st.integers(1, 20)))
    settle(loyalty)
    assert tables(loyalty) == lived

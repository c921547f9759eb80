"""Facts for tests of the graph: a few people, cards that change their mind, visits that are refunded."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import strategies as st

from services.loyalty.domain.facts import (
    Bill,
    BillLine,
    Card,
    Erased,
    Exclusion,
    Occasion,
    PersonalDiscount,
    Review,
    Segmented,
    Staff,
)
from services.loyalty.domain.programme import Checks, Criterion, Programme, Referrals, Tier

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PEOPLE = range(1, 6)


def person(number: int) -> UUID:
    return UUID(int=number)


def hours(number: float) -> datetime:
    return NOON + timedelta(hours=number)


def a_programme(depth: int = 1, *, visits: int = 1, min_paid: int = 1, **checks) -> Programme:
    rule = Referrals(name="referrals", tiers=(Tier(1, Decimal(3)),), depth=depth)
    criterion = Criterion(visits, min_paid)
    return Programme(None, 1, "by hand", NOON, rules=(rule,), criterion=criterion, checks=Checks(**checks))


def a_card(who: int, referrer: int | None = None, at: float = 0, version: int = 1, **said) -> Card:
    return Card(person(who), version, hours(at), None if referrer is None else person(referrer), **said)


def a_bill(
    visit: int, who: int, at: float = 1, version: int = 1, *, due: int = 1000, paid: int | None = None,
    refunded: int = 0, kind: str = "service", completed: float | None = None, starts: float | None = None,
) -> Bill:  # fmt: skip
    """`at` is when it was stated; it was completed then, too, and had begun then, if nothing else is said."""
    completed_at = hours(at if completed is None else completed)
    return Bill(
        appointment_id=person(visit),
        version=version,
        client_id=person(who),
        branch_id=person(900),
        at=hours(at),
        completed_at=completed_at,
        starts=completed_at if starts is None else hours(starts),
        local_date=completed_at.date(),
        currency="RUB",
        lines=(BillLine(person(visit), kind, due, refunded=refunded),),
        paid=due if paid is None else paid,
    )


@st.composite
def histories(draw, *, loops: bool = True, orderly: bool = False):
    """Facts about `PEOPLE` in no order. `orderly`: instants grow with versions, as events of one service have it."""
    time = st.integers(0, 60)
    facts = []
    for who in PEOPLE:
        others = [each for each in PEOPLE if loops or each < who]
        instants = draw(st.lists(time, min_size=1, max_size=4, unique=orderly))
        for version, at in enumerate(sorted(instants) if orderly else instants, 1):
            referrer = draw(st.sampled_from([None, *others]))
            facts.append(a_card(who, referrer, at, version, shared_contact=draw(st.booleans()) and draw(st.booleans())))
    for visit in range(draw(st.integers(0, 6))):
        who, at, paid = draw(st.sampled_from(PEOPLE)), draw(time), draw(st.sampled_from([0, 1000]))
        starts = at - draw(st.sampled_from([0, 0, 40]))
        facts.append(a_bill(100 + visit, who, at, paid=paid, starts=starts))
        for version, refunded in enumerate(draw(st.lists(st.sampled_from([0, 500, 1000]), max_size=2)), 2):
            at = at + 1 + draw(time) if orderly else draw(time)
            facts.append(
                a_bill(100 + visit, who, at, paid=paid, starts=starts, refunded=refunded, version=version, completed=at)
            )
    facts += draw(st.lists(st.builds(Staff, *_who_and_when(time), st.booleans()), max_size=3))
    facts += draw(st.lists(st.builds(Erased, *_who_and_when(time)), max_size=2))
    people = st.sampled_from(PEOPLE).map(person)
    facts += draw(st.lists(st.builds(Review, people, people, time.map(hours), st.booleans()), max_size=3))
    facts += draw(st.lists(st.builds(Exclusion, *_who_and_when(time), st.booleans()), max_size=2))
    years = st.integers(2025, 2026)
    facts += draw(
        st.lists(st.builds(Occasion, people, st.just("birthday"), years, time.map(hours), st.booleans()), max_size=2)
    )
    changes = st.tuples(people, st.sampled_from([800, 801]).map(person), people, st.integers(1, 4))
    for change in draw(st.lists(changes, max_size=4, unique_by=lambda each: each[1:])):
        facts.append(Segmented(*change, hours(draw(time)), draw(st.booleans())))
    for version in range(draw(st.integers(0, 2))):
        facts.append(PersonalDiscount(person(1), version, hours(draw(time)), Decimal(draw(st.integers(0, 9)))))
    return facts


def _who_and_when(time):
    return st.sampled_from(PEOPLE).map(person), time.map(hours)


programmes = st.builds(
    a_programme,
    st.integers(1, 3),
    visits=st.integers(1, 2),
    velocity=st.sampled_from([None, 1, 2]),
    velocity_days=st.integers(1, 2),
    flagged_count=st.booleans(),
    earlier_visit=st.booleans(),
)

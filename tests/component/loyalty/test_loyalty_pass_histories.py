"""Whatever happens to a certificate and a membership, in whatever order it is told: nothing is lost or paid twice."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from chassis.database import new_id
from contracts.booking import PaidPart
from contracts.loyalty import (
    Certificate,
    CreateMembershipType,
    Membership,
    ReleaseTenders,
    ReserveTenders,
    SellCertificate,
    SellMembership,
    ShowCertificate,
    ShowMembership,
    Tender,
    VisitCounter,
)
from kernel.errors import Invalid
from kernel.money import Money
from kernel.time import utc_now
from services.loyalty.tables import certificate_entries, certificates, membership_entries, pass_holds, reservations
from tests.builders import CLARA, HERE, a_service
from tests.facts import HAIRCUT, completed, line, refunded, registered
from tests.harness import Harness

BOOKING = a_service("booking")
LINE = UUID(int=1)
VISITS = st.integers(0, 2)
AMOUNTS = st.integers(1, 700)
STEPS = st.one_of(
    st.tuples(st.just("reserve"), VISITS, AMOUNTS),
    st.tuples(st.just("release"), VISITS),
    st.tuples(st.just("bill"), VISITS, st.integers(2, 5)),
    st.tuples(st.just("again"), VISITS),
    st.tuples(st.just("forget"), VISITS),
    st.tuples(st.just("expire")),
)


@dataclass
class Visit:
    """One visit: what is set aside for it and not yet used, the newest bill that was told, what that leaves paid."""

    id: UUID = field(default_factory=new_id)
    reservation: UUID = field(default_factory=new_id)
    held: int = 0
    asked: int = 0
    version: int = 0
    used: int = 0

    def net(self, version: int) -> int:
        """What of it stays paid by that version of the bill: each refund gives back a third."""
        return self.asked * (5 - version) // 3


@dataclass
class Book:
    """The certificate, kept in the simplest way."""

    amount: int
    visits: dict[int, Visit] = field(default_factory=lambda: defaultdict(Visit))
    lapsed: int = 0
    expired: bool = False

    @property
    def balance(self) -> int:
        return self.amount - self.lapsed - sum(visit.used for visit in self.visits.values())

    @property
    def reserved(self) -> int:
        return sum(visit.held for visit in self.visits.values())

    def lapse(self) -> None:
        """What the clock does: nothing while something is set aside."""
        if self.expired and not self.reserved:
            self.lapsed += self.balance


@pytest.fixture
def loyalty(start) -> Harness:
    service = start("loyalty")
    service.deliver(registered(CLARA))
    return service


def reserve(loyalty: Harness, visit: Visit, tender: Tender) -> None:
    loyalty.ask(ReserveTenders(visit.reservation, visit.id, CLARA, HERE, "RUB", 1_000_000, (tender,)), BOOKING)


def tell(loyalty: Harness, visit: Visit, kind: str, version: int, net: int, back: int = 0) -> None:
    build = completed if version == 2 else refunded
    part = PaidPart(kind, net, visit.reservation)
    loyalty.deliver(build(visit.id, CLARA, line(100_000, refunded=back), payments=(part,), version=version))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(STEPS, max_size=14))
def test_a_certificate_holds_what_the_simplest_book_says(loyalty: Harness, steps: list[tuple]) -> None:
    expires_at = utc_now() + timedelta(days=400)
    certificate = loyalty.ask(SellCertificate(HERE, Money(1_000, "RUB"), "cash", expires_at))
    book = Book(1_000)
    for step in steps:
        _step(loyalty, certificate, book, step)
        shown = loyalty.ask(ShowCertificate(certificate.id))
        assert (shown.balance.amount, shown.reserved.amount) == (book.balance, book.reserved), step
    with loyalty.session() as session:
        of_it = certificate_entries.c.certificate_id == certificate.id
        kinds = select(certificate_entries.c.kind, func.sum(certificate_entries.c.amount)).where(of_it)
        sums = {kind: int(amount) for kind, amount in session.execute(kinds.group_by(certificate_entries.c.kind))}
    assert sum(sums.values()) == book.balance
    assert sums["sold"] == 1_000
    assert -sums.get("redeemed", 0) - sums.get("reversed", 0) == sum(visit.used for visit in book.visits.values())


def _step(loyalty: Harness, certificate: Certificate, book: Book, step: tuple) -> None:
    if step[0] == "expire":
        _expire(loyalty, certificate, book)
        return
    visit = book.visits[step[1]]
    if step[0] == "reserve" and not visit.version:
        _reserve(loyalty, certificate, book, visit, step[2])
    elif step[0] == "release" and not visit.version:
        loyalty.ask(ReleaseTenders(visit.reservation), BOOKING)
        visit.held = 0
    elif step[0] == "forget":
        _forget(loyalty, book, visit)
    elif step[0] == "bill" and visit.asked:
        _bill(loyalty, book, visit, step[2])
    elif step[0] == "again" and visit.version:
        tell(loyalty, visit, "certificate", visit.version, visit.net(visit.version))


def _reserve(loyalty: Harness, certificate: Certificate, book: Book, visit: Visit, amount: int) -> None:
    """What is asked for instead of what was set aside before has that, too."""
    tender = Tender("certificate", amount, code=certificate.code)
    if amount > book.balance - book.reserved + visit.held:
        with pytest.raises(Invalid, match=r"certificate_(used_up|balance_too_small|expired)"):
            reserve(loyalty, visit, tender)
        return
    try:
        reserve(loyalty, visit, tender)
    except Invalid as refused:
        assert refused.code == "certificate_expired"
        return
    visit.held = visit.asked = amount


def _forget(loyalty: Harness, book: Book, visit: Visit) -> None:
    """The time is over until which something was set aside."""
    with loyalty.session() as session:
        for table, column in ((reservations, reservations.c.id), (pass_holds, pass_holds.c.reservation_id)):
            session.execute(update(table).where(column == visit.reservation).values(expires_at=utc_now()))
        session.commit()
    _let_time_pass(loyalty)
    visit.held = 0
    book.lapse()


def _bill(loyalty: Harness, book: Book, visit: Visit, version: int) -> None:
    tell(loyalty, visit, "certificate", version, visit.net(version))
    if version > visit.version:
        visit.version, visit.held = version, 0
        free = book.balance - book.reserved
        more = min(visit.net(version) - visit.used, free)
        visit.used += more
        book.expired = book.expired and more >= 0  # what comes back can be used


def _expire(loyalty: Harness, certificate: Certificate, book: Book) -> None:
    with loyalty.session() as session:
        of_it = certificates.c.id == certificate.id
        session.execute(update(certificates).where(of_it).values(expires_at=utc_now()))
        session.commit()
    _let_time_pass(loyalty)
    book.expired = True
    book.lapse()


def _let_time_pass(loyalty: Harness) -> None:
    """Twice: what one thing that is done by the clock sets free, another one may take away."""
    loyalty.tick()
    loyalty.tick()


# --- memberships -----------------------------------------------------------------------------------------------------

TELLINGS = st.lists(
    st.tuples(st.sampled_from(["reserve", "complete", "refund", "part"]), st.integers(0, 3)), max_size=14
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(tellings=TELLINGS)
def test_a_membership_gives_each_visit_once_and_back_once(loyalty: Harness, tellings: list[tuple]) -> None:
    kind = loyalty.ask(CreateMembershipType(str(new_id()), Money(5, "RUB"), 30, (VisitCounter(2, (HAIRCUT,)),)))
    membership: Membership = loyalty.ask(SellMembership(CLARA, kind.id, HERE, "cash"))
    visits: dict[int, Visit] = defaultdict(Visit)
    granted = 2
    for what, number in tellings:
        visit = visits[number]
        taken = sum(each.used + each.held for each in visits.values())
        if what == "reserve" and not visit.version and not visit.held:
            tender = Tender("membership", 100_000, membership_id=membership.id, line_id=LINE, service_id=HAIRCUT)
            if taken == granted:
                with pytest.raises(Invalid, match="membership_used_up"):
                    reserve(loyalty, visit, tender)
                continue
            reserve(loyalty, visit, tender)
            visit.held = visit.asked = 1
        elif what != "reserve" and visit.asked:
            version, net = {"complete": (2, 100_000), "part": (3, 60_000), "refund": (4, 0)}[what]
            tell(loyalty, visit, "membership", version, net, 100_000 - net)
            if version > visit.version:
                visit.version, visit.held, visit.used = version, 0, int(net > 0)
        (counter,) = loyalty.ask(ShowMembership(CLARA, membership.id)).remaining
        assert counter.left == granted - sum(each.used for each in visits.values())
        assert counter.reserved == sum(each.held for each in visits.values())
    with loyalty.session() as session:
        units = select(func.sum(membership_entries.c.units)).where(membership_entries.c.membership_id == membership.id)
        assert session.scalar(units) == granted - sum(each.used for each in visits.values())

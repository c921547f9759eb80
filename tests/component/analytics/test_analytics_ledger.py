"""The law of figures: for any period, branch and grouping they add up to booking's ledger, to the minor unit.

Booking itself makes the history (visits of other systems, bookings, completions, discounts, refunds, cancellations,
merges, erasures), and what analytics shows is compared with booking's tables, not with what its events say of them.
"""

from datetime import datetime, time, timedelta
from itertools import combinations
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import text

from contracts.analytics import ShowSources, ShowVisits, TryReport
from contracts.booking import (
    CancelAppointment,
    CompleteAppointment,
    FinalPrice,
    LineRefund,
    PastLine,
    PastSegment,
    PastVisit,
    RecordVisits,
    RefundAppointment,
)
from kernel.errors import Refusal
from services.analytics.tables import derived
from tests.component.booking.salon import Salon, roubles
from tests.facts import erased, merged, numbered, registered

PEOPLE = [numbered(0x900 + place) for place in range(6)]
DAYS_BACK = (0, 1, 14, 31, 45, 80)
DIMENSIONS = ("month", "day", "branch", "service", "category", "master", "source")
KEYS = {
    "month": "to_char(appointments.local_date, 'YYYY-MM')",
    "day": "appointments.local_date",
    "branch": "appointments.branch_id",
    "service": "lines.service_id",
    "category": "services.category",
    "master": "lines.master_id",
}
OF_WORK = {"service", "category", "master"}
FIELDS = {"branch": "branch_id", "service": "service_id", "master": "master_id"}
OF_BOOKING = "appointments, busy, known_clients"
KNOWN = list(enumerate(PEOPLE))
GROUPINGS = [grouped for size in range(4) for grouped in combinations(DIMENSIONS, size)]


class Chain:
    """Two branches, and analytics that hears whatever booking says, late, twice and in another order."""

    def __init__(self, salon: Salon, analytics) -> None:
        self.salon, self.analytics = salon, analytics
        self.ask = salon.ask
        self.branches = [salon.branch, salon.a_branch("Tverskaya")]
        self.colour = salon.a_service("Colour", price=730_001, category="Colour", cost=roubles(190_003))
        self.nameless = salon.a_service("Care", price=99_999, category="Care", cost=roubles(7))
        salon.renders(salon.olga, salon.haircut, self.colour, self.nameless)
        self.services = [salon.haircut, self.colour, self.nameless]
        self.begin()

    def begin(self) -> None:
        """A history of its own for every example."""
        self.bills: list[UUID] = []
        self.gone: set[UUID] = set()
        self.heard = 0
        self.references = 0
        emptied = {self.salon.booking: OF_BOOKING, self.analytics: ", ".join(each.name for each in derived)}
        for service, names in emptied.items():
            with service.session() as session:
                session.execute(text(f"TRUNCATE {names}, inbox, positions, event_log CASCADE"))
                session.commit()
        cards = [registered(who, numbered(0x902) if place == 4 else None, channel="Radio") for place, who in KNOWN]
        self.salon.booking.deliver(*cards)
        self.analytics.deliver(*cards[:4])  # of two nothing is known there, and of what they paid everything

    @property
    def there(self) -> list[UUID]:
        return [each for each in PEOPLE if each not in self.gone]

    # --- what happens in the salon ----------------------------------------------------------------------------------

    def record(self, chance: Random) -> None:
        """Bills of another system, on any day, with returns and offsets on them."""
        visits = []
        for _ in range(chance.randint(1, 4)):
            day = self.salon.today - timedelta(days=chance.choice(DAYS_BACK[1:]))
            lines = [self._line(chance) for _ in range(chance.randint(0, 4))]
            self.references += 1
            visits.append(
                PastVisit(
                    reference=f"old:{self.references}",
                    branch_id=chance.choice(self.branches).id,
                    starts=datetime.combine(day, time(chance.randint(0, 23)), self.salon.tz),
                    status="completed",
                    client_id=chance.choice([None, *self.there]),
                    segments=(PastSegment(self.salon.haircut.id, self.salon.anna.id),),
                    lines=tuple(lines),
                )
            )
        self.bills += [each.id for each in self.ask(RecordVisits("RUB", tuple(visits))).items]

    def _line(self, chance: Random) -> PastLine:
        amount = chance.randint(-500, 90_001)
        if chance.random() < 0.5:
            return PastLine("service", abs(amount), chance.choice(self.services).id, self.salon.olga.id)
        return PastLine(*chance.choice([("retail", abs(amount)), ("adjustment", amount)]))

    def visit(self, chance: Random) -> None:
        """A visit of today, at a discount and at another price than was said, or that came to nothing."""
        self.salon.loyalty_says(chance.choice(["0", "3", "12.5", "33.33", "100"]))
        wanted = chance.choices(self.services, k=chance.randint(1, 3))
        who = chance.choice(self.there)
        hour = chance.randint(13, 18)
        booked = self.salon.book(self.salon.at(f"{hour}:00", 0), *wanted, master=self.salon.olga, client=who)
        what = chance.choice(["complete", "complete", "complete", "cancel", "wait"])
        if what == "complete":
            prices = [FinalPrice(each.id, roubles(chance.randint(0, 500_000))) for each in booked.segments]
            self.ask(CompleteAppointment(booked.id, tuple(prices) if chance.random() < 0.5 else None))
            self.bills.append(booked.id)
        elif what == "cancel":
            self.ask(CancelAppointment(booked.id, "ill"))

    def refund(self, chance: Random) -> None:
        if not self.bills:
            return
        bill = self.salon.show(_Known(chance.choice(self.bills)))
        lines = [line for line in bill.lines if line.due.amount > line.refunded.amount]
        if lines:
            line = chance.choice(lines)
            back = chance.randint(1, line.due.amount - line.refunded.amount)
            self.ask(RefundAppointment(bill.id, (LineRefund(line.id, roubles(back)),), "not as promised"))

    def merge(self, chance: Random) -> None:
        if len(self.there) > 3:
            kept, gone = chance.sample(self.there, 2)
            self.gone.add(gone)
            self.told(merged(kept, gone), chance)

    def erase(self, chance: Random) -> None:
        if len(self.there) > 3:
            gone = chance.choice(self.there)
            self.gone.add(gone)
            self.told(erased(gone), chance)

    def told(self, event, chance: Random) -> None:
        """By clients; either of the two may hear of it first."""
        if chance.random() < 0.5:
            self.hear(chance)
        self.salon.booking.deliver(event)
        self.analytics.deliver(event)

    # --- what is heard of it ----------------------------------------------------------------------------------------

    def hear(self, chance: Random) -> None:
        """Everything that booking announced since, in any order and partly twice."""
        said = self.salon.booking.announced()
        fresh = [(number, event) for number, event in enumerate(said, 1) if number > self.heard]
        again = [(number, event) for number, event in enumerate(said, 1) if number <= self.heard][-3:]
        self.heard = len(said)
        bodies = [self.analytics.envelope(event, number) for number, event in fresh + again]
        chance.shuffle(bodies)
        size = chance.randint(1, 20)
        for start in range(0, len(bodies), size):
            assert self.analytics.dispatcher.absorb("booking", bodies[start : start + size]) == []

    def ledger(self, grouped, first, last, branch) -> dict:
        """By booking's own tables: visits, people, and in minor units revenue, discount and margin."""
        keys = [KEYS[each] for each in grouped]
        asked = f"""
            SELECT {"".join(f"{key}, " for key in keys)} count(DISTINCT appointments.id),
                count(DISTINCT appointments.client_id), coalesce(sum(lines.price - discount - refunded), 0),
                coalesce(sum(discount), 0),
                coalesce(sum(lines.price - discount - refunded - coalesce(lines.cost, 0)), 0)
            FROM appointments {"" if OF_WORK & set(grouped) else "LEFT"} JOIN lines ON appointment_id = appointments.id
            LEFT JOIN services ON services.id = lines.service_id
            WHERE status = 'completed' AND appointments.local_date BETWEEN :first AND :last
                AND (CAST(:branch AS UUID) IS NULL OR branch_id = :branch)
            {f"GROUP BY {', '.join(keys)}" if keys else "HAVING count(*) > 0"}
        """
        with self.salon.booking.session() as session:
            rows = session.execute(text(asked), {"first": first, "last": last, "branch": branch}).all()
        return {tuple(row[: len(keys)]): tuple(map(int, row[len(keys) :])) for row in rows}

    def appointments(self, first, last, branch) -> dict:
        return dict(self._asked("status, count(*)", "GROUP BY status", first, last, branch))

    def of_cards(self, first, last, branch) -> tuple:
        """People with a card who came, and what they brought."""
        money = "(SELECT sum(price - discount - refunded) FROM lines WHERE appointment_id = appointments.id)"
        people = f"count(DISTINCT client_id), coalesce(sum({money}), 0)"
        came = "AND status = 'completed' AND client_id IS NOT NULL"
        ((count, revenue),) = self._asked(people, came, first, last, branch)
        return count, int(revenue)

    def _asked(self, what, which, first, last, branch) -> list:
        scope = "local_date BETWEEN :first AND :last AND (CAST(:branch AS UUID) IS NULL OR branch_id = :branch)"
        asked = text(f"SELECT {what} FROM appointments WHERE {scope} {which}")
        with self.salon.booking.session() as session:
            return [tuple(row) for row in session.execute(asked, {"first": first, "last": last, "branch": branch})]


class _Known:
    """What `Salon.show` asks of an appointment."""

    def __init__(self, appointment_id: UUID) -> None:
        self.id = appointment_id


@pytest.fixture
def chain(start) -> Chain:
    return Chain(Salon(start("booking")), start("analytics"))


HAPPENINGS = (*["record"] * 3, *["visit"] * 4, *["refund"] * 3, "merge", "erase")


@pytest.mark.parametrize("seed", range(4))
def test_figures_add_up_to_the_ledger_of_booking(chain, seed):
    chance = Random(seed)
    for what in chance.choices(HAPPENINGS, k=30):
        try:
            getattr(chain, what)(chance)
        except Refusal as refusal:  # somebody is there already: then it did not happen
            assert refusal.code in {"slot_taken", "client_busy"}, refusal
    chain.hear(chance)
    today = chain.salon.today
    branches = [None, *(each.id for each in chain.branches)]
    long = (today - timedelta(days=400), today)
    last_month = today.replace(day=1) - timedelta(days=1)
    for grouped in [(), *chance.sample(GROUPINGS[1:], 25)]:
        first, last = (today - timedelta(days=back) for back in sorted(chance.choices(DAYS_BACK, k=2), reverse=True))
        for since, until in ((first, last), (last_month.replace(day=1), last_month), long):
            figures_are_those_of_the_ledger(chain, grouped, since, until, chance.choice(branches))


def figures_are_those_of_the_ledger(chain, grouped, first, last, branch):
    shown = chain.analytics.ask(ShowVisits(first, last, grouped, branch)).rows
    known = [each for each in grouped if each in KEYS]  # sources are none of booking's, so theirs are added up
    found = added_up(shown, known)
    assert found == chain.ledger(known, first, last, branch)
    if len(grouped) <= 2:
        document = {"group_by": list(grouped), "measures": ["visits", "clients", "revenue", "discount", "margin"]}
        told = chain.analytics.ask(TryReport(first, last, document, branch))
        assert added_up(told.rows, known) == found
        ledger = chain.ledger((), first, last, branch).get(()) if not OF_WORK & set(grouped) else None
        assert not told.rows or not ledger or figures_of(told.total) == ledger
    if not grouped:
        listed = chain.analytics.ask(TryReport(first, last, {"kind": "list", "columns": ["revenue"]}, branch))
        assert sum(row.revenue.amount for row in listed.rows) == found.get((), (0,) * 5)[2]
        assert bookings_told(chain, first, last, branch) == chain.appointments(first, last, branch)
        clients = chain.analytics.ask(TryReport(first, last, {"of": "clients", "group_by": ["month"]}, branch))
        people = sum(row.clients for row in clients.rows), sum(row.revenue.amount for row in clients.rows)
        assert people == chain.of_cards(first, last, branch)
        root = chain.analytics.ask(ShowSources(first, last, branch))
        assert figures_of(root) == chain.ledger((), first, last, branch).get((), (0,) * 5)


def bookings_told(chain, first, last, branch):
    document = {"of": "bookings", "group_by": ["status"], "measures": ["bookings"]}
    return {row.status: row.bookings for row in chain.analytics.ask(TryReport(first, last, document, branch)).rows}


def figures_of(row):
    return row.visits, row.clients, row.revenue.amount, row.discount.amount, row.margin.amount


def added_up(rows, keys):
    found: dict = {}
    for row in rows:
        key = tuple(getattr(row, FIELDS.get(each, each)) for each in keys)
        found[key] = tuple(map(sum, zip(found.get(key, (0,) * 5), figures_of(row), strict=True)))
    return found

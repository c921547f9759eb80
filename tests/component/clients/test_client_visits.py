"""What clients knows of visits: the table, its sums, who sees them, and habits."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from contracts.booking import (
    AppointmentCancelled,
    AppointmentChanged,
    AppointmentConfirmed,
    AppointmentState,
    BookedSegment,
    BranchZone,
    BranchZones,
    ListZones,
)
from contracts.clients import Client, EraseClient, ShowClientRevenue, ShowHabits, ShowVisitHistory
from kernel.errors import Forbidden, Gone, Invalid, NotFound
from kernel.money import Money
from services.clients.tables import client_branches, visits
from tests.builders import ELSEWHERE, HERE, a_user, anna, boris
from tests.component.clients.conftest import Start, clara, refused
from tests.facts import COLOUR, HAIRCUT, IRINA, OLGA, booked, completed, line, numbered, refunded, retail
from tests.harness import Harness

READS = ("clients.read", "visits.read")
ANNA = anna(*READS, marks=frozenset({"finance"}))
BORIS = boris(*READS, marks=frozenset({"finance"}))
ZONES = BranchZones((BranchZone(HERE, "Europe/Moscow"), BranchZone(ELSEWHERE, "Asia/Yekaterinburg")))


@pytest.fixture
def salon(start: Start) -> Harness:
    clients = start("clients")
    clients.others.answers[ListZones] = lambda _: ZONES
    return clients


@pytest.fixture
def card(salon: Harness) -> Client:
    return salon.ask(clara(), ANNA_AT_THE_DESK)


ANNA_AT_THE_DESK = anna("clients.create", "clients.read")


def roubles(amount: int) -> Money:
    return Money(amount, "RUB")


def on(day: date, hour: int = 12) -> dict[str, object]:
    """A visit that begins on `day` at `hour`, both UTC."""
    starts = datetime.combine(day, time(hour), UTC)
    return {"local_date": day, "starts": starts, "ends": starts + timedelta(hours=1)}


def test_the_table_of_visits_with_totals(salon: Harness, card: Client) -> None:
    """Newest first, with the date and time of the branch, services, masters, price after discounts, and status."""
    lines = (line(90_000, discount=10_000), line(50_000, service_id=COLOUR, master_id=IRINA), retail(5_000))
    planned = BookedSegment(HAIRCUT, OLGA, datetime(2026, 4, 1, 9, tzinfo=UTC), datetime(2026, 4, 1, 10, tzinfo=UTC))
    salon.deliver(
        completed(numbered(1), card.id, *lines),
        refunded(numbered(2), card.id, line(100_000, refunded=30_000), **on(date(2026, 3, 9))),
        booked(numbered(3), card.id, segments=(planned,), **on(date(2026, 4, 1), 9)),
    )
    shown = salon.ask(ShowVisitHistory(card.id), ANNA)
    assert [(one.date, one.time, one.status, one.price) for one in shown.items] == [
        (date(2026, 4, 1), "12:00", "booked", None),
        (date(2026, 3, 9), "15:00", "completed", roubles(100_000)),
        (date(2026, 3, 2), "15:00", "completed", roubles(145_000)),
    ]
    assert [(one.service_ids, one.master_ids) for one in shown.items] == [
        ((HAIRCUT,), (OLGA,)),
        ((HAIRCUT,), (OLGA,)),
        ((HAIRCUT, COLOUR), (OLGA, IRINA)),
    ]
    assert shown.items[1].refunded == roubles(30_000)
    assert (shown.totals.visits, shown.totals.revenue, shown.totals.refunded) == (2, roubles(215_000), roubles(30_000))


def test_visits_are_found_by_service_master_period_and_status(salon: Harness, card: Client) -> None:
    """Service and master together mean that this master did this service; both ends of a period are included."""
    salon.deliver(
        completed(numbered(1), card.id, line(100), line(200, service_id=COLOUR, master_id=IRINA)),
        completed(numbered(2), card.id, line(400, service_id=COLOUR), **on(date(2026, 3, 9))),
        booked(numbered(3), card.id, **on(date(2026, 4, 1))),
    )

    def found(**asked: object) -> list[int]:
        return [one.appointment_id.int for one in salon.ask(ShowVisitHistory(card.id, **asked), ANNA).items]

    assert found(service_id=COLOUR) == [2, 1]
    assert found(master_id=OLGA) == [2, 1]
    assert found(service_id=COLOUR, master_id=OLGA) == [2]
    assert found(status="booked") == [3]
    assert found(from_=date(2026, 3, 2), to=date(2026, 3, 9)) == [2, 1]
    assert found(from_=date(2026, 3, 3)) == [3, 2]
    assert found(to=date(2026, 3, 8)) == [1]
    assert salon.ask(ShowVisitHistory(card.id, service_id=COLOUR, master_id=OLGA), ANNA).totals.revenue == roubles(400)
    backwards = ShowVisitHistory(card.id, from_=date(2026, 3, 9), to=date(2026, 3, 2))
    refused(Invalid, "period_invalid", lambda: salon.ask(backwards, ANNA))


def test_pages_hold_every_visit_once_and_the_totals_of_all(salon: Harness, card: Client) -> None:
    """Also visits that begin at the same instant."""
    salon.deliver(*(completed(numbered(n), card.id, line(10), **on(date(2026, 3, 1 + n % 3))) for n in range(1, 8)))
    seen, cursor = [], None
    while True:
        page = salon.ask(ShowVisitHistory(card.id, limit=2, cursor=cursor), ANNA)
        seen += [one.appointment_id for one in page.items]
        assert (page.totals.visits, page.totals.revenue) == (7, roubles(70))
        if (cursor := page.next) is None:
            break
    assert len(seen) == 7
    assert set(seen) == {numbered(n) for n in range(1, 8)}
    refused(Invalid, "cursor_invalid", lambda: salon.ask(ShowVisitHistory(card.id, cursor="nonsense"), ANNA))


def test_revenue_by_service_master_and_month(salon: Harness, card: Client) -> None:
    """After discounts, refunds taken off; what is sold without a service or a master stands under None."""
    salon.deliver(
        completed(numbered(1), card.id, line(300), line(200, service_id=COLOUR, master_id=IRINA), retail(50)),
        refunded(numbered(2), card.id, line(100, refunded=40), **on(date(2026, 4, 9))),
        booked(numbered(3), card.id, **on(date(2026, 4, 10))),
    )

    def rows(group_by: str, **asked: object) -> dict[object, tuple[int, int, int]]:
        answer = salon.ask(ShowClientRevenue(card.id, group_by=group_by, **asked), ANNA)
        name = "month" if group_by == "month" else f"{group_by}_id"
        found = {getattr(r, name): (r.visits, r.revenue.amount, r.refunded.amount) for r in answer.rows}
        assert sum(revenue for _, revenue, _ in found.values()) == answer.totals.revenue.amount
        return found

    assert rows("month") == {"2026-03": (1, 550, 0), "2026-04": (1, 60, 40)}
    assert rows("service") == {HAIRCUT: (2, 360, 40), COLOUR: (1, 200, 0), None: (1, 50, 0)}
    assert rows("master") == {OLGA: (2, 360, 40), IRINA: (1, 200, 0), None: (1, 50, 0)}
    assert rows("master", from_=date(2026, 4, 1), to=date(2026, 4, 30)) == {OLGA: (1, 60, 40)}


def test_who_has_never_come_has_a_history_of_nothing(salon: Harness, card: Client) -> None:
    shown = salon.ask(ShowVisitHistory(card.id), ANNA)
    assert (shown.items, shown.totals.visits, shown.totals.revenue.amount) == ((), 0, 0)
    assert salon.ask(ShowClientRevenue(card.id), ANNA).rows == ()
    assert salon.ask(ShowHabits(card.id), ANNA).visits == 0


def test_everybody_sees_the_visits_of_their_branches(salon: Harness, card: Client) -> None:
    """Boris sees nothing until Clara comes to him, and then that visit; whoever works everywhere sees all."""
    asks = (ShowVisitHistory(card.id), ShowClientRevenue(card.id), ShowHabits(card.id))
    for ask in asks:
        refused(NotFound, "client_not_found", lambda ask=ask: salon.ask(ask, BORIS))
    salon.deliver(completed(numbered(1), card.id, line(100)))
    salon.deliver(completed(numbered(2), card.id, line(70), branch_id=ELSEWHERE, **on(date(2026, 3, 3))))
    for caller, ids, revenue in ((ANNA, [1], 100), (BORIS, [2], 70)):
        shown = salon.ask(ShowVisitHistory(card.id), caller)
        assert [one.appointment_id.int for one in shown.items] == ids
        assert shown.totals.revenue == roubles(revenue)
        assert salon.ask(ShowClientRevenue(card.id), caller).totals.revenue == roubles(revenue)
        assert salon.ask(ShowHabits(card.id), caller).visits == 1
    assert salon.ask(ShowVisitHistory(card.id)).totals.revenue == roubles(170)


def test_clara_sees_her_own_visits_only(salon: Harness, card: Client) -> None:
    """Those of all branches; another client's are not there."""
    other = salon.ask(clara(phones=(), first_name="Olga"))
    salon.deliver(completed(numbered(1), card.id), completed(numbered(2), card.id, branch_id=ELSEWHERE))
    herself = a_user("visits.read.own", "clients.read.own", client_id=card.id)
    assert len(salon.ask(ShowVisitHistory(card.id), herself).items) == 2
    for ask in (ShowVisitHistory(other.id), ShowClientRevenue(other.id), ShowHabits(other.id)):
        refused(NotFound, "client_not_found", lambda ask=ask: salon.ask(ask, herself))
    reader = anna("clients.read")
    refused(Forbidden, "permission_missing", lambda: salon.ask(ShowVisitHistory(card.id), reader))


def test_money_needs_its_mark(salon: Harness, card: Client) -> None:
    """Without it there are visits and no amounts."""
    salon.deliver(refunded(numbered(1), card.id))
    poor = anna(*READS)
    shown = salon.ask(ShowVisitHistory(card.id), poor)
    (entry,) = shown.items
    assert (entry.price, entry.refunded, shown.totals.revenue, shown.totals.refunded) == (None,) * 4
    assert (entry.status, shown.totals.visits) == ("completed", 1)
    revenue = salon.ask(ShowClientRevenue(card.id, group_by="service"), poor)
    assert [(row.service_id, row.visits, row.revenue, row.refunded) for row in revenue.rows] == [
        (HAIRCUT, 1, None, None)
    ]
    assert revenue.totals.revenue is None


def test_habits_come_with_their_evidence(salon: Harness, card: Client) -> None:
    """By completed visits and by the clock of the branch: 15:30 in Moscow, also where that is another day in UTC."""
    days = [date(2026, 1, 5) + timedelta(21 * n) for n in range(5)]
    salon.deliver(*(completed(numbered(n), card.id, **on(day)) for n, day in enumerate(days[:4], 1)))
    salon.deliver(completed(numbered(5), card.id, line(service_id=COLOUR, master_id=IRINA), **on(days[4], 8)))
    salon.deliver(booked(numbered(6), card.id, **on(date(2026, 6, 1))))
    found = salon.ask(ShowHabits(card.id), ANNA)
    assert (found.visits, found.since, found.until) == (5, days[0], days[-1])
    assert [(one.service_id, one.count, one.of) for one in found.services] == [(HAIRCUT, 4, 5)]
    assert (found.master.master_id, found.master.count, found.master.of) == (OLGA, 4, 5)
    assert (found.weekday.weekday, found.weekday.count) == (0, 5)
    assert (found.hour.hour, found.hour.count, found.hour.of) == (15, 4, 5)
    assert (found.interval.days, found.interval.count, found.interval.of) == (21, 4, 4)


def test_without_booking_there_is_no_time_of_day(salon: Harness, card: Client) -> None:
    """The rest is told all the same."""
    del salon.others.answers[ListZones]
    salon.deliver(*(completed(numbered(n), card.id, **on(date(2026, 3, 2 + n))) for n in range(1, 4)))
    assert {(one.date.day, one.time) for one in salon.ask(ShowVisitHistory(card.id), ANNA).items} == {
        (3, None),
        (4, None),
        (5, None),
    }
    habits = salon.ask(ShowHabits(card.id), ANNA)
    assert habits.hour is None
    assert habits.master.count == 3


def test_after_an_erasure_visits_stay_for_the_sums_and_nobody_is_shown_them(salon: Harness, card: Client) -> None:
    salon.deliver(completed(numbered(1), card.id))
    salon.ask(EraseClient(card.id, card.version))
    for ask in (ShowVisitHistory(card.id), ShowClientRevenue(card.id), ShowHabits(card.id)):
        refused(Gone, "client_erased", lambda ask=ask: salon.ask(ask))
    with salon.session() as session:
        assert session.execute(select(visits.c.client_id, visits.c.due)).all() == [(card.id, 100_000)]


# --- whatever the order ----------------------------------------------------------------------------------------------

PEOPLE = [numbered(1), numbered(2), None]
DAYS = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28)]
ARRIVALS = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@st.composite
def bill_lines(draw: st.DrawFn):
    found = []
    for _ in range(draw(st.integers(1, 3))):
        due = draw(st.integers(-3, 9))
        back = draw(st.integers(0, max(due, 0)))
        part = {
            "service_id": draw(st.sampled_from([HAIRCUT, COLOUR])),
            "master_id": draw(st.sampled_from([OLGA, IRINA])),
        }
        found.append(retail(due, refunded=back) if draw(st.booleans()) else line(due, refunded=back, **part))
    return found


@st.composite
def histories(draw: st.DrawFn) -> list[AppointmentState]:
    """Appointments from booking to an end, each with its versions in order."""
    said: list[AppointmentState] = []
    for place in range(draw(st.integers(1, 6))):
        appointment_id, who = numbered(100 + place), draw(st.sampled_from(PEOPLE))
        words = {"branch_id": draw(st.sampled_from([HERE, ELSEWHERE])), **on(draw(st.sampled_from(DAYS)))}
        first = booked(appointment_id, who, **words)
        said.append(first)
        if draw(st.booleans()):
            said.append(_as(AppointmentChanged, first, version=2, **on(draw(st.sampled_from(DAYS)), 9)))
        match draw(st.sampled_from(["open", "cancelled", "completed", "refunded"])):
            case "open":
                said.append(_as(AppointmentConfirmed, first, version=3, status="confirmed"))
            case "cancelled":
                said.append(_as(AppointmentCancelled, first, version=3, status="cancelled"))
            case "completed":
                said.append(completed(appointment_id, who, *draw(bill_lines()), version=3, **words))
            case "refunded":
                said.append(completed(appointment_id, who, *draw(bill_lines()), version=3, **words))
                said.append(refunded(appointment_id, who, *draw(bill_lines()), version=4, **words))
    return said


def _as(kind: type[AppointmentState], event: AppointmentState, **changes: object) -> AppointmentState:
    return replace(kind(**{name: getattr(event, name) for name in AppointmentState.__dataclass_fields__}), **changes)


def wipe(salon: Harness) -> None:
    with salon.session() as session:
        session.execute(text("TRUNCATE visits, client_branches, inbox, positions"))
        session.commit()


def bring(salon: Harness, order: list[AppointmentState], numbers: dict[int, int], batch: int) -> None:
    bodies = [salon.envelope(event, numbers[id(event)]) for event in order]
    for first in range(0, len(bodies), batch):
        assert salon.dispatcher.absorb("booking", bodies[first : first + batch]) == []


def kept(salon: Harness) -> dict[str, list[str]]:
    with salon.session() as session:
        return {each.name: sorted(map(repr, session.execute(select(each)))) for each in (visits, client_branches)}


@settings(max_examples=30, **ARRIVALS)
@given(data=st.data(), history=histories())
def test_order_repetition_and_replay_do_not_matter(salon: Harness, data: st.DataObject, history) -> None:
    """Events lived through one by one, and the same shuffled, repeated and in batches, make the same tables."""
    numbers = {id(event): number for number, event in enumerate(history, 1)}
    wipe(salon)
    bring(salon, history, numbers, batch=1)
    lived = kept(salon)
    wipe(salon)
    again = data.draw(st.lists(st.sampled_from(history), max_size=6))
    bring(salon, data.draw(st.permutations(history + again)), numbers, data.draw(st.integers(1, 12)))
    assert kept(salon) == lived


@pytest.fixture
def two(salon: Harness) -> list[UUID]:
    """Two clients, in whose names the histories are told."""
    return [salon.ask(clara(phones=(), first_name=name)).id for name in ("Clara", "Olga")]


@settings(max_examples=25, **ARRIVALS)
@given(history=histories())
def test_sums_equal_the_newest_bills(salon: Harness, two: list[UUID], history) -> None:
    """For each client and each way to group, what booking's bills add up to."""
    named = dict(zip(PEOPLE, [*two, None], strict=True))
    history = [replace(event, client_id=named[event.client_id]) for event in history]
    wipe(salon)
    bring(salon, history, {id(event): number for number, event in enumerate(history, 1)}, batch=50)
    newest = {event.appointment_id: event for event in history}
    for client_id in two:
        bills = [each for each in newest.values() if each.client_id == client_id and each.status == "completed"]
        shown = salon.ask(ShowVisitHistory(client_id))
        assert len(shown.items) == sum(each.client_id == client_id for each in newest.values())
        assert shown.totals.visits == len(bills)
        assert shown.totals.revenue.amount == sum(bill.due - bill.refunded for bill in bills)
        assert shown.totals.refunded.amount == sum(bill.refunded for bill in bills)
        for group_by, name in (("service", "service_id"), ("master", "master_id")):
            plain: defaultdict[UUID | None, int] = defaultdict(int)
            for part in (part for bill in bills for part in bill.lines):
                plain[getattr(part, name)] += part.due - part.refunded
            rows = salon.ask(ShowClientRevenue(client_id, group_by=group_by)).rows
            assert {getattr(row, name): row.revenue.amount for row in rows} == plain
        months: defaultdict[str, int] = defaultdict(int)
        for bill in bills:
            months[bill.local_date.isoformat()[:7]] += bill.due - bill.refunded
        assert {row.month: row.revenue.amount for row in salon.ask(ShowClientRevenue(client_id)).rows} == months

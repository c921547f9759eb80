"""A salon in which it is ten in the morning: a branch, a haircut, Anna and Olga who work all day for a fortnight."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from contracts.booking import (
    Appointment,
    AppointmentState,
    BookAppointment,
    Branch,
    ChangeMaster,
    CompleteAppointment,
    CreateBranch,
    CreateMaster,
    CreateRoom,
    CreateService,
    Hold,
    HoldTime,
    Master,
    OpenAppointment,
    ReplaceShifts,
    Room,
    Service,
    Shift,
    ShowMaster,
    WantedSegment,
)
from contracts.clients import ActiveClients, CheckClient, CheckClients, ClientStanding
from contracts.loyalty import QuotedLine, QuotedPart, QuoteVisit, VisitQuote
from kernel.caller import Caller
from kernel.errors import Refusal
from kernel.money import Money, percent_of, share_out
from kernel.time import utc_now
from services.booking.queries.catalogue import catalogue
from services.booking.tables import appointments, busy, holds
from tests.builders import CLARA, OWNER, a_user
from tests.harness import Harness

DAYS = 14


def zone_where_it_is(hour: int) -> str:
    """A zone whose clocks show `hour` now, so that a test may speak of today whenever it runs."""
    ahead = (hour - utc_now().hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def roubles(amount: int) -> Money:
    return Money(amount, "RUB")


def a_quote(request: QuoteVisit, percent: Decimal, as_of: datetime | None = None, **more: Any) -> VisitQuote:
    """What loyalty says of a visit on which one rule gives `percent`."""
    prices = [line.price for line in request.lines]
    discount = percent_of(sum(prices), percent)
    shares = zip(request.lines, share_out(discount, prices), strict=True)
    quote = {
        "client_id": request.client_id,
        "as_of": as_of or datetime(2026, 1, 1, tzinfo=UTC),
        "programme_version": 1,
        "percent": percent,
        "discount": discount,
        "lines": tuple(QuotedLine(line.line_id, share, percent) for line, share in shares),
        "parts": (QuotedPart("referrals", "referrals", f"people you brought: {percent} %", discount, percent),),
        "decision": "discount" if discount else "nothing",
    }
    return VisitQuote(**(quote | more))


class Salon:
    """What the tests say of the salon; every request goes through the service."""

    def __init__(self, booking: Harness, time_zone: str | None = None) -> None:
        self._ask_of(booking)
        self.branch: Branch = self.a_branch(time_zone=time_zone or zone_where_it_is(10))
        self.tz = ZoneInfo(self.branch.time_zone)
        self.haircut = self.a_service()
        self.anna = self.a_master("Anna", self.haircut.id)
        self.olga = self.a_master("Olga", self.haircut.id)
        self.works(self.anna)
        self.works(self.olga)

    def served_by(self, booking: Harness) -> Self:
        """The same salon in another service, whose databases are a copy of the one's in which it was opened."""
        salon = copy(self)
        salon._ask_of(booking)
        with booking.session() as session:
            catalogue(session)  # is remembered from now on, as it was after the opening
        return salon

    def _ask_of(self, booking: Harness) -> None:
        self.booking = booking
        self.ask = booking.ask
        booking.others.answers[CheckClient] = lambda request: ClientStanding(request.id, "active")
        booking.others.answers[CheckClients] = lambda request: ActiveClients(request.ids)
        self.loyalty_says(0)

    @property
    def today(self) -> date:
        return utc_now().astimezone(self.tz).date()

    def at(self, clock: str, days: int = 1) -> datetime:
        """`clock` of the branch, tomorrow unless `days` says when."""
        return datetime.combine(self.today + timedelta(days=days), time.fromisoformat(clock), self.tz)

    def loyalty_says(self, percent: Any, as_of: datetime | None = None) -> None:
        self.loyalty_quotes(lambda request: a_quote(request, Decimal(percent), as_of))

    def loyalty_quotes(self, quote: Callable[[QuoteVisit], VisitQuote]) -> None:
        self.booking.others.answers[QuoteVisit] = quote

    def loyalty_is_away(self) -> None:
        del self.booking.others.answers[QuoteVisit]

    def a_branch(self, name: str = "Arbat", time_zone: str = "Europe/Moscow") -> Branch:
        return self.ask(CreateBranch(name, time_zone))

    def a_service(self, name: str = "Haircut", minutes: int = 60, price: int = 250_000, **more: Any) -> Service:
        return self.ask(CreateService(name, more.pop("category", "Hair"), minutes, roubles(price), **more))

    def a_master(self, name: str, *service_ids: UUID, **more: Any) -> Master:
        return self.ask(CreateMaster(name, service_ids=service_ids, **more))

    def works(
        self, master: Master, starts: str = "09:00", ends: str = "21:00", days: Iterable[int] = range(DAYS), **more: Any
    ) -> None:
        branch: Branch = more.get("branch", self.branch)
        shifts = tuple(Shift(self.today + timedelta(days=day), starts, ends) for day in days)
        self.ask(ReplaceShifts(master.id, branch.id, shifts))

    def book(
        self,
        starts: datetime | None = None,
        *services: Service,
        master: Master | None = None,
        client: UUID = CLARA,
        caller: Caller | None = OWNER,
        **more: Any,
    ) -> Appointment:
        wanted = tuple(
            WantedSegment(service.id, master.id if master else None) for service in services or (self.haircut,)
        )
        return self.ask(BookAppointment(self.branch.id, client, starts or self.at("12:00"), wanted, **more), caller)

    def a_visit(self, **more: Any) -> Appointment:
        """A visit of today that was completed."""
        return self.ask(CompleteAppointment(self.book(self.at("12:00", 0)).id, **more))

    def show(self, appointment: Appointment, caller: Caller | None = OWNER) -> Appointment:
        return self.ask(OpenAppointment(appointment.id), caller)

    def told(self) -> list[Any]:
        """The events about appointments, in order."""
        return self.booking.announced(AppointmentState)

    def a_room(self, name: str = "Room 1", **more: Any) -> Room:
        branch: Branch = more.pop("branch", self.branch)
        return self.ask(CreateRoom(branch.id, name, **more))

    def renders(self, master: Master, *services: Service, **more: Any) -> Master:
        """The master as they are once they render `services`."""
        now = self.ask(ShowMaster(master.id))
        return self.ask(ChangeMaster(master.id, now.version, service_ids=tuple(each.id for each in services), **more))

    def hold(
        self, starts: datetime | None = None, *services: Service, caller: Caller | None = None, **more: Any
    ) -> Hold:
        master: Master | None = more.pop("master", None)
        wanted = tuple(
            WantedSegment(service.id, master.id if master else None) for service in services or (self.haircut,)
        )
        return self.ask(HoldTime(self.branch.id, starts or self.at("12:00"), wanted, **more), caller)

    def run_out(self, hold: Hold) -> None:
        """The clock cannot be moved, so the end of the hold is."""
        over = utc_now() - timedelta(seconds=1)
        with self.booking.session() as session:
            session.execute(update(holds).where(holds.c.id == hold.id).values(expires_at=over))
            session.execute(update(busy).where(busy.c.hold_id == hold.id).values(expires_at=over))
            session.commit()

    def put_back(self, appointment: Appointment, hours: float) -> None:
        """The clock cannot be moved, so the appointment is."""
        back = timedelta(hours=hours)
        with self.booking.session() as session:
            earlier = {"starts": appointment.starts - back, "ends": appointment.ends - back}
            session.execute(update(appointments).where(appointments.c.id == appointment.id).values(earlier))
            session.commit()

    def works_here(self, *permissions: str, **more: Any) -> Caller:
        return a_user(*permissions, **({"branch_ids": frozenset({self.branch.id})} | more))


def field_of(refusal: Refusal) -> str:
    return next(iter(refusal.details["errors"]))


def together(count: int, attempt: Callable[[int], Any]) -> list[object]:
    """The results of `attempt` for 0, 1, … all at once; a refusal is a result, too."""

    def one(number: int) -> object:
        try:
            return attempt(number)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def overlaps(salon: Salon) -> int:
    left, right = busy.alias(), busy.alias()
    query = (
        select(func.count())
        .select_from(left)
        .join(
            right,
            (left.c.resource_id == right.c.resource_id)
            & (left.c.place == right.c.place)
            & (left.c.lane == right.c.lane)
            & (left.c.id < right.c.id),
        )
        .where(left.c.during.op("&&")(right.c.during))
    )
    with salon.booking.session() as session:
        return session.scalar(query) or 0

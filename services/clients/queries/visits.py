"""The visits of one client: the table of them, what they brought in, and what habits they show."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta
from sqlalchemy import BigInteger, ColumnElement, Row, String, Uuid, cast, column, func, literal, select, true, tuple_
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import (
    ClientRevenue,
    Habits,
    HabitualHour,
    HabitualInterval,
    HabitualMaster,
    HabitualService,
    HabitualWeekday,
    RevenueRow,
    ShowClientRevenue,
    ShowVisitHistory,
    VisitEntry,
    VisitHistory,
    VisitTotals,
)
from kernel.caller import Caller, Reach
from kernel.errors import Invalid
from kernel.money import NO_CURRENCY, Money
from services.clients import domain
from services.clients.queries.sight import among, found, of_person
from services.clients.tables import visits

Zones = Mapping[UUID, ZoneInfo]
Kind = TypeVar("Kind")

COMPLETED = "completed"
CURSOR = (Annotated[datetime, Meta(tz=True)], UUID)
KEYS = {"service": "service_id", "master": "master_id", "month": "month"}


def visit_history(
    session: Session, request: ShowVisitHistory, caller: Caller, zones: Zones, since: date | None = None
) -> VisitHistory:
    """A page of visits, newest first, and the totals of all that fit."""
    asked = _of_client(session, request.client_id, caller, "visits.read", since)
    asked += _within(request.from_, request.to)
    if request.status is not None:
        asked.append(visits.c.status == request.status)
    done = {"service_id": request.service_id, "master_id": request.master_id}
    if wanted := {name: str(value) for name, value in done.items() if value is not None}:
        asked.append(visits.c.lines.contains([wanted]))
    totals = _totals(session, asked)
    key = tuple_(visits.c.starts, visits.c.appointment_id)
    page = select(visits).where(*asked).order_by(visits.c.starts.desc(), visits.c.appointment_id.desc())
    if request.cursor is not None:
        starts, appointment_id = decode_cursor(request.cursor, *CURSOR)
        page = page.where(key < tuple_(literal(starts, visits.c.starts.type), literal(appointment_id)))
    rows = session.execute(page.limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    more = len(rows) > request.limit
    return VisitHistory(
        items=tuple(entry(row, zones) for row in shown),
        totals=totals,
        next=encode_cursor(shown[-1].starts, shown[-1].appointment_id) if more else None,
        history_from=since,
    )


def client_revenue(
    session: Session, request: ShowClientRevenue, caller: Caller, since: date | None = None
) -> ClientRevenue:
    """What completed visits brought in by service, master or month."""
    asked = _of_client(session, request.client_id, caller, "visits.read", since)
    asked += _within(request.from_, request.to)
    totals = _totals(session, asked)
    currency = _currency(session)
    name = KEYS[request.group_by]
    done = [*asked, visits.c.status == COMPLETED]
    grouped = _by_month(done) if name == "month" else _by_line(done, name)
    rows = session.execute(grouped.order_by("key")).all()
    return ClientRevenue(
        tuple(
            RevenueRow(
                visits=row.visits,
                revenue=Money(row.due - row.refunded, currency),
                refunded=Money(row.refunded, currency),
                **{name: row.key},
            )
            for row in rows
        ),
        totals,
        since,
    )


def client_habits(session: Session, client_id: UUID, caller: Caller, zones: Zones, since: date | None = None) -> Habits:
    """What the latest completed visits show."""
    asked = [*_of_client(session, client_id, caller, "clients.read", since), visits.c.status == COMPLETED]
    latest = select(visits).where(*asked).order_by(visits.c.starts.desc(), visits.c.appointment_id.desc())
    rows = session.execute(latest.limit(domain.LOOKED_AT)).all()
    shown = domain.habits([_past_visit(row, zones) for row in rows])
    return Habits(
        visits=shown.visits,
        since=shown.since,
        until=shown.until,
        services=tuple(HabitualService(each.what, each.count, each.of) for each in shown.services),
        master=_if_usual(HabitualMaster, shown.master),
        weekday=_if_usual(HabitualWeekday, shown.weekday),
        hour=_if_usual(HabitualHour, shown.hour),
        interval=_if_usual(HabitualInterval, shown.interval),
        history_from=since,
    )


def _if_usual(view: Callable[[Any, int, int], Kind], evidence: domain.Evidence[Any] | None) -> Kind | None:
    return None if evidence is None else view(evidence.what, evidence.count, evidence.of)


# --- which visits ----------------------------------------------------------------------------------------------------


def _of_client(
    session: Session, client_id: UUID, caller: Caller, permission: str, since: date | None
) -> list[ColumnElement[bool]]:
    """Those visits of a client whose card the caller may see that are the caller's to see."""
    found(session, client_id, caller, permission)
    theirs = of_person(visits.c.client_id, client_id)
    if caller.must(permission) is Reach.BRANCHES:
        return [theirs, *_within(since, None), among(visits.c.branch_id, sorted(caller.branch_ids))]
    return [theirs, *_within(since, None)]


def _within(first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    if first is not None and last is not None and first > last:
        raise Invalid.field("from", "period_invalid", "the period ends before it begins")
    begins = [] if first is None else [visits.c.local_date >= first]
    return begins if last is None else [*begins, visits.c.local_date <= last]


# --- what they add up to ---------------------------------------------------------------------------------------------


def _totals(session: Session, asked: list[ColumnElement[bool]]) -> VisitTotals:
    summed = select(func.count().label("visits"), *_sums(visits.c.due, visits.c.refunded))
    row = session.execute(summed.where(*asked, visits.c.status == COMPLETED)).one()
    currency = _currency(session)
    return VisitTotals(row.visits, Money(row.due - row.refunded, currency), Money(row.refunded, currency))


def _sums(due: ColumnElement[Any], refunded: ColumnElement[Any]) -> tuple[ColumnElement[int], ...]:
    return tuple(
        cast(func.coalesce(func.sum(each), 0), BigInteger).label(name)
        for name, each in (("due", due), ("refunded", refunded))
    )


def _by_month(asked: list[ColumnElement[bool]]) -> Any:
    key = func.to_char(visits.c.local_date, literal("YYYY-MM", String)).label("key")
    return (
        select(key, func.count().label("visits"), *_sums(visits.c.due, visits.c.refunded)).where(*asked).group_by(key)
    )


def _by_line(asked: list[ColumnElement[bool]], name: str) -> Any:
    parts = (column("service_id", Uuid), column("master_id", Uuid))
    amounts = (column("due", BigInteger), column("refunded", BigInteger))
    each = func.jsonb_to_recordset(visits.c.lines).table_valued(*parts, *amounts, name="each_line")
    line = each.render_derived(with_types=True)
    counted = func.count(visits.c.appointment_id.distinct()).label("visits")
    key = line.c[name].label("key")
    summed = select(key, counted, *_sums(line.c.due, line.c.refunded))
    return summed.select_from(visits.join(line, true())).where(*asked).group_by(key)


def _currency(session: Session) -> str:
    """The one currency of the installation, as its bills have it."""
    return session.scalar(select(visits.c.currency).where(visits.c.currency.is_not(None)).limit(1)) or NO_CURRENCY


# --- one visit -------------------------------------------------------------------------------------------------------


def entry(row: Row[Any], zones: Zones) -> VisitEntry:
    clock = _clock(row, zones)
    billed = row.currency is not None
    return VisitEntry(
        appointment_id=row.appointment_id,
        branch_id=row.branch_id,
        date=row.local_date,
        time=clock.strftime("%H:%M") if clock else None,
        status=row.status,
        service_ids=_named(row, "service_id"),
        master_ids=_named(row, "master_id"),
        price=Money(row.due, row.currency) if billed else None,
        refunded=Money(row.refunded, row.currency) if billed else None,
    )


def _past_visit(row: Row[Any], zones: Zones) -> domain.PastVisit:
    clock = _clock(row, zones)
    services, masters = (frozenset(_named(row, name)) for name in ("service_id", "master_id"))
    return domain.PastVisit(row.local_date, clock.hour if clock else None, services, masters)


def _clock(row: Row[Any], zones: Zones) -> datetime | None:
    """When the visit began, by the clock of its branch."""
    tz = zones.get(row.branch_id)
    return row.starts.astimezone(tz) if tz else None


def _named(row: Row[Any], name: str) -> tuple[UUID, ...]:
    """The services or masters of the lines, each once."""
    return tuple(dict.fromkeys(UUID(line[name]) for line in row.lines if line[name]))

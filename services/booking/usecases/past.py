"""Visits of the past in bulk: recorded as another system had them, once for each reference, occupying nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts import booking as wire
from kernel.caller import Caller, Reach
from kernel.errors import Invalid
from kernel.time import zone
from services.booking.domain.appointment import OPEN, Appointment, Segment, Status
from services.booking.domain.bill import Bill, Line, LineKind, Payment
from services.booking.domain.diary import check_instant
from services.booking.domain.terms import Source, Terms
from services.booking.queries.catalogue import ServiceEntry, catalogue
from services.booking.queries.salon import masters_of, must_be_theirs
from services.booking.tables import appointments, branches
from services.booking.usecases.appointments import service_lines
from services.booking.usecases.asking import Call, ask_whether_active
from services.booking.usecases.diary import lock_words
from services.booking.usecases.record import insert_all
from services.booking.usecases.salon import use_code


@dataclass(frozen=True, slots=True)
class Known:
    """What the visits of a batch may name."""

    zones: Mapping[UUID, ZoneInfo]
    services: Mapping[UUID, ServiceEntry]
    masters: Mapping[UUID, wire.Master]


def ask(call: Call, request: wire.RecordVisits, caller: Caller) -> frozenset[UUID] | None:  # noqa: ARG001
    """Which of the clients have a card; None while nobody can say so."""
    return ask_whether_active(call, {visit.client_id for visit in request.visits if visit.client_id})


def record(
    session: Session, request: wire.RecordVisits, caller: Caller, active: frozenset[UUID] | None, now: datetime
) -> wire.RecordedVisits:
    """Record those visits whose references are new; the others stay as they are, whatever is said of them now."""
    known = _known(session, request.visits, caller)
    for place, visit in enumerate(request.visits):
        _check(f"visits.{place}", visit, known, now)
    use_code(session, "currency", request.currency)
    ids = _recorded(session, [visit.reference for visit in request.visits])
    made = []
    created = []
    for place, visit in enumerate(request.visits):
        created.append(visit.reference not in ids)
        if visit.reference not in ids:
            if active is not None and visit.client_id and visit.client_id not in active:
                raise Invalid.field(f"visits.{place}.client_id", "client_unknown", "there is no such client")
            appointment = _past(visit, known, request.currency, now)
            ids[visit.reference] = appointment.id
            made.append(appointment)
    if made:
        what = ["booked" if each.status in OPEN else each.status.value for each in made]
        insert_all(session, made, what, caller, now)
    return wire.RecordedVisits(
        tuple(
            wire.Recorded(visit.reference, ids[visit.reference], fresh)
            for visit, fresh in zip(request.visits, created, strict=True)
        )
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What a segment or a line names, and where it stands in the visit."""

    field: str
    service_id: UUID | None
    master_id: UUID | None


def _parts(visit: wire.PastVisit) -> Iterator[_Part]:
    for number, segment in enumerate(visit.segments):
        yield _Part(f"segments.{number}", segment.service_id, segment.master_id)
    for number, line in enumerate(visit.lines):
        yield _Part(f"lines.{number}", line.service_id, line.master_id)


def _known(session: Session, visits: Sequence[wire.PastVisit], caller: Caller) -> Known:
    parts = [part for visit in visits for part in _parts(visit)]
    rows = session.execute(
        select(branches.c.id, branches.c.time_zone).where(branches.c.id.in_({visit.branch_id for visit in visits}))
    ).all()
    for row in rows:
        must_be_theirs(row.id, caller)
    reach = Reach.CHAIN if caller.everywhere else Reach.BRANCHES
    return Known(
        {row.id: zone(row.time_zone) for row in rows},
        catalogue(session).services,
        masters_of(session, [part.master_id for part in parts if part.master_id], caller, reach),
    )


def _check(place: str, visit: wire.PastVisit, known: Known, now: datetime) -> None:
    """Refuse a visit that names what is not there, or that is not of the past."""
    tz = known.zones.get(visit.branch_id)
    if tz is None:
        raise Invalid.field(f"{place}.branch_id", "branch_unknown", "there is no such branch")
    check_instant(f"{place}.starts", visit.starts)
    if visit.starts.astimezone(tz).date() > now.astimezone(tz).date():
        raise Invalid.field(f"{place}.starts", "visit_in_future", "only visits of the past are recorded")
    if visit.lines and visit.status != "completed":
        raise Invalid.field(f"{place}.lines", "lines_without_visit", "only a completed visit has lines")
    for part in _parts(visit):
        if part.service_id and part.service_id not in known.services:
            raise Invalid.field(f"{place}.{part.field}.service_id", "service_unknown", "there is no such service")
        if part.master_id and part.master_id not in known.masters:
            raise Invalid.field(f"{place}.{part.field}.master_id", "master_unknown", "there is no such master")


def _recorded(session: Session, references: Sequence[str]) -> dict[str, UUID]:
    """The visits that these references name already; batches wait for each other, so that none is recorded twice."""
    lock_words(session, ["visits of the past"])
    wanted = (
        func.unnest(bindparam("references", list(references), type_=ARRAY(Text)))
        .table_valued("reference")
        .render_derived("wanted")
    )
    rows = session.execute(
        select(appointments.c.reference, appointments.c.id).join(wanted, wanted.c.reference == appointments.c.reference)
    )
    return {row.reference: row.id for row in rows}


def _past(visit: wire.PastVisit, known: Known, currency: str, now: datetime) -> Appointment:
    starts = visit.starts.astimezone(UTC)
    segments = _segments(visit.segments, starts, known.services)
    status = Status(visit.status)
    return Appointment(
        id=new_id(),
        branch_id=visit.branch_id,
        client_id=visit.client_id,
        status=status,
        starts=starts,
        ends=max((part.ends for part in segments), default=starts),
        local_date=starts.astimezone(known.zones[visit.branch_id]).date(),
        segments=segments,
        # One that stayed open can still be completed, at the catalogue's prices.
        bill=Bill(currency, service_lines(segments)) if status in OPEN else _paid_bill(visit, currency, starts),
        channel=visit.channel,
        reference=visit.reference,
        completed_at=now if status is Status.COMPLETED else None,
    )


def _segments(
    parts: Iterable[wire.PastSegment], starts: datetime, services: Mapping[UUID, ServiceEntry]
) -> tuple[Segment, ...]:
    """One after another from `starts`, each as long as the catalogue says: when they really began nobody wrote down."""
    segments = []
    for part in parts:
        service = services[part.service_id]
        ends = starts + timedelta(minutes=service.duration)
        before, after = service.before, service.after
        segments.append(Segment(new_id(), part.service_id, part.master_id, starts, ends, service.price, before, after))
        starts = ends
    return tuple(segments)


def _paid_bill(visit: wire.PastVisit, currency: str, at: datetime) -> Bill:
    """The lines as they were, and one payment of all that was due."""
    lines = tuple(
        Line(
            id=new_id(),
            kind=LineKind(line.kind),
            price=line.amount,
            service_id=line.service_id,
            master_id=line.master_id,
            text=line.text,
        )
        for line in visit.lines
    )
    due = sum(line.price for line in lines)
    payments = (Payment(new_id(), "other", due, at),) if due else ()
    return Bill(currency, lines, payments, Terms(source=Source.RECORDED))

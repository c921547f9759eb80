"""The day of a master: who comes, for what, and what to know beforehand."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from contracts import booking as wire
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from services.booking.domain.appointment import Segment
from services.booking.queries.appointments import Kept, every_appointment, kept
from services.booking.queries.health import FIELD, read_health, sign_of
from services.booking.queries.reach import appointment_seen, looked_back_to, master_seen
from services.booking.queries.salon import must_be_theirs, zone_of_asked
from services.booking.queries.shifts import check_dates
from services.booking.queries.texts import opened
from services.booking.tables import appointments, masters, segments

GONE = ("cancelled", "no_show")


def show_day_sheet(
    session: Session,
    keyring: Keyring,
    request: wire.ShowDaySheet,
    caller: Caller,
    reach: Reach,
    since: date | None = None,
) -> wire.DaySheet:
    """With `.own` a caller sees the masters that they are; of a day before `since`, nothing."""
    tz = zone_of_asked(session, request.branch_id)
    if reach is not Reach.OWN:
        must_be_theirs(request.branch_id, caller)
    check_dates([("date", request.date)])
    shown = _masters(session, request, caller, reach)
    days: dict[UUID, list[wire.SheetVisit]] = {master_id: [] for master_id in request.master_id}
    there = _visits(session, request, tz, caller, reach, since)
    texts = opened(
        keyring,
        [
            (each.appointment, field, text)
            for each in there
            for field, text in (("comment", each.comment), (FIELD, each.health))
        ],
    )
    for each in there:
        said = {field: texts.get((each.appointment.id, field)) for field in ("comment", FIELD)}
        for master_id, parts in _parts(each).items():
            if shown is None or master_id in shown:
                days.setdefault(master_id, []).append(_visit(each, parts, said))
    return wire.DaySheet(
        request.branch_id,
        tz.key,
        request.date,
        tuple(wire.MasterDay(each, tuple(sorted(days[each], key=lambda v: v.starts))) for each in sorted(days)),
    )


def _masters(session: Session, request: wire.ShowDaySheet, caller: Caller, reach: Reach) -> set[UUID] | None:
    """Whose days are shown; None: of all who are booked there. One whom the caller does not see is not there."""
    named = set(request.master_id)
    if reach is not Reach.OWN and not named:
        return None
    seen = set(session.scalars(select(masters.c.id).where(master_seen(caller, reach))))
    if named - seen:
        raise NotFound("master_not_found", "there is no such master")
    return named or seen


def _visits(
    session: Session, request: wire.ShowDaySheet, tz: ZoneInfo, caller: Caller, reach: Reach, since: date | None
) -> list[Kept]:
    midnight = datetime.combine(request.date, time(), tz)
    day = (
        appointments.c.branch_id == request.branch_id,
        appointments.c.local_date == request.date,
        appointments.c.starts >= midnight - timedelta(days=1),  # the index is by instants
        appointments.c.starts < midnight + timedelta(days=2),
        appointments.c.status.not_in(GONE),
    )
    query = every_appointment().where(*day, appointment_seen(caller, reach), looked_back_to(since, caller))
    if request.master_id:
        theirs = segments.c.master_id.in_(request.master_id)
        query = query.where(exists(select(segments.c.id).where(segments.c.appointment_id == appointments.c.id, theirs)))
    return kept(session, query.order_by(appointments.c.starts, appointments.c.id))


def _parts(each: Kept) -> dict[UUID, list[Segment]]:
    """The segments of a visit by their masters."""
    parts: dict[UUID, list[Segment]] = {}
    for part in each.appointment.segments:
        parts.setdefault(part.master_id, []).append(part)
    return parts


def _visit(each: Kept, parts: Iterable[Segment], said: dict[str, str | None]) -> wire.SheetVisit:
    parts = list(parts)
    return wire.SheetVisit(
        appointment_id=each.appointment.id,
        client_id=each.appointment.client_id,
        status=each.appointment.status.value,
        starts=min(part.starts for part in parts).astimezone(each.tz),
        ends=max(part.ends for part in parts).astimezone(each.tz),
        service_ids=tuple(part.service_id for part in parts),
        comment=said["comment"],
        health=sign_of(read_health(said[FIELD])),
    )

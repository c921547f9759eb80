"""Putting a visit into the diaries: locks, the choice of masters, busy rows; the constraint is the last guard."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, bindparam, delete, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import new_id, refusal_of
from contracts import booking as wire
from kernel.caller import Caller, Reach
from kernel.errors import Conflict, Invalid
from kernel.time import Interval, days_of
from services.booking.domain.appointment import Appointment
from services.booking.domain.diary import (
    Diary,
    Place,
    Wish,
    candidates,
    choose,
    client_busy,
    lay_out,
    merged,
    slot_taken,
)
from services.booking.queries.availability import alternatives, busy_of, diaries_of, need_of
from services.booking.queries.salon import masters_of, services_of
from services.booking.tables import busy

AROUND = timedelta(hours=12)  # of a visit are looked at, to see who has the least to do


@dataclass(frozen=True, slots=True)
class Visit:
    """Who wants to come where and when; `besides` is the appointment itself if it is there already and moves."""

    branch_id: UUID
    tz: ZoneInfo
    client_id: UUID | None
    starts: datetime
    wishes: Sequence[Wish]
    besides: UUID | None = None


def resolve(session: Session, wanted: Sequence[wire.WantedSegment], caller: Caller) -> list[Wish]:
    """What is wanted, with the catalogue's times and prices; refused where it names what is not there."""
    services = services_of(session, [segment.service_id for segment in wanted])
    reach = Reach.CHAIN if caller.everywhere else Reach.BRANCHES
    named = [segment.master_id for segment in wanted if segment.master_id]
    masters = masters_of(session, named, caller, reach) if named else {}
    wishes = []
    for place, segment in enumerate(wanted):
        service = services.get(segment.service_id)
        field = f"segments.{place}"
        if service is None:
            raise Invalid.field(f"{field}.service_id", "service_unknown", "there is no such service")
        if not service.active:
            raise Invalid.field(f"{field}.service_id", "service_inactive", "this service is not offered any more")
        if segment.master_id:
            master = masters.get(segment.master_id)
            if master is None or not master.active:
                raise Invalid.field(f"{field}.master_id", "master_unknown", "there is no such master")
            if segment.service_id not in master.service_ids:
                raise Invalid.field(f"{field}.master_id", "master_lacks_service", "the master does not render this")
        wishes.append(Wish(service.id, need_of(service), service.price, segment.master_id))
    return wishes


def arrange(session: Session, visit: Visit, now: datetime) -> tuple[list[Place], list[UUID]]:
    """Where the segments lie and who renders them, decided under the locks of all who might; a refusal says what else.

    Whoever is not free before the locks are taken is not waited for.
    """
    places = lay_out(visit.starts, visit.wishes)
    try:
        return places, _decide(session, visit, places)
    except Conflict as refusal:
        raise _with_alternatives(session, visit, refusal, now) from None


def _decide(session: Session, visit: Visit, places: Sequence[Place]) -> list[UUID]:
    span = Interval(min(place.busy.starts for place in places), max(place.busy.ends for place in places))
    around = span.widened(AROUND, AROUND)
    diaries = diaries_of(session, visit.branch_id, visit.wishes, around, visit.besides)
    choose(places, diaries)
    free = {
        master: diaries[master]
        for place in places
        for master in candidates(place, diaries)
        if diaries[master].is_free(place.busy)
    }
    held: list[tuple[UUID, Interval]] = [(master, span) for master in free]
    if visit.client_id:
        held.append((visit.client_id, span))
    held += _rows_of(session, visit.besides)
    lock(session, held)
    taken = busy_of(session, free, around, visit.besides)
    locked = {master: Diary(diary.service_ids, diary.shifts, taken.get(master, ())) for master, diary in free.items()}
    chosen = choose(places, locked)
    _check_client_free(session, visit, Interval(places[0].work.starts, places[-1].work.ends))
    return chosen


def _check_client_free(session: Session, visit: Visit, whole: Interval) -> None:
    if visit.client_id and busy_of(session, [visit.client_id], whole, visit.besides):
        raise client_busy()


def _with_alternatives(session: Session, visit: Visit, refusal: Conflict, now: datetime) -> Conflict:
    others = alternatives(session, visit.branch_id, visit.wishes, visit.client_id, visit.starts, visit.tz, now)
    return Conflict(refusal.code, refusal.message, **refusal.details, alternatives=others)


def _rows_of(session: Session, appointment_id: UUID | None) -> list[tuple[UUID, Interval]]:
    """What an appointment that is about to move occupies now; those who want it wait for the same locks."""
    if appointment_id is None:
        return []
    query = select(busy.c.resource_id, func.lower(busy.c.during), func.upper(busy.c.during))
    rows = session.execute(query.where(busy.c.appointment_id == appointment_id))
    return [(resource_id, Interval(starts, ends)) for resource_id, starts, ends in rows]


def lock(session: Session, held: Iterable[tuple[UUID, Interval]]) -> None:
    """Wait until nobody else decides about these resources on these days (UTC), and keep them until the end.

    Sorted, so that two who want the same ones never wait for each other: the exclusion constraint alone deadlocks.
    """
    lock_words(session, {f"{resource} {day}" for resource, during in held for day in _days(during)})


def lock_words(session: Session, words: Iterable[str]) -> None:
    """Take the advisory locks that `words` stand for, in one order for everybody."""
    keys = sorted(
        {int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big", signed=True) for word in words}
    )
    wanted = func.unnest(bindparam("keys", keys, type_=ARRAY(BigInteger))).table_valued("key").render_derived("wanted")
    session.execute(select(func.pg_advisory_xact_lock(wanted.c.key)))


def _days(during: Interval) -> Iterable[date]:
    return days_of(during.starts.astimezone(UTC).date(), during.ends.astimezone(UTC).date())


def occupy(session: Session, appointment: Appointment, places: Sequence[Place], masters: Sequence[UUID]) -> None:
    """Write who is busy, instead of what the appointment occupied before; one row for the client, if there is one."""
    pieces = [("master", master, during) for master, during in merged(places, masters)]
    if appointment.client_id:
        pieces.append(("client", appointment.client_id, Interval(appointment.starts, appointment.ends)))
    rows = [
        {
            "id": new_id(),
            "appointment_id": appointment.id,
            "resource_kind": kind,
            "resource_id": resource,
            "during": Range(during.starts, during.ends),
        }
        for kind, resource, during in sorted(pieces, key=lambda piece: (piece[1], piece[2].starts))
    ]
    try:
        with session.begin_nested():
            leave(session, appointment.id)
            session.execute(insert(busy), rows)
    except IntegrityError as error:
        raise refusal_of(error, {"nobody_twice_at_once": slot_taken()}) from None


def leave(session: Session, appointment_id: UUID) -> None:
    """Nobody is kept busy by the appointment any more."""
    session.execute(delete(busy).where(busy.c.appointment_id == appointment_id))

"""The schedule of a branch: who works and who is busy, for those who plan the day."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Uuid, func, or_, select, union
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.orm import Session
from sqlalchemy.sql import bindparam

from chassis.keyring import Keyring
from contracts import booking as wire
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from kernel.time import Interval, start_of_day
from services.booking.queries.absences import Away, absent
from services.booking.queries.catalogue import BranchEntry, Catalogue, catalogue
from services.booking.queries.health import FIELD, read_health, sign_of
from services.booking.queries.open_hours import open_by
from services.booking.queries.reach import master_seen
from services.booking.queries.salon import must_be_theirs, zone_of_asked
from services.booking.queries.shifts import check_dates, check_period, worked
from services.booking.queries.texts import opened
from services.booking.tables import appointments, blocks, busy, group_events, holds, masters, shifts

LONGEST = timedelta(days=31)
A_DAY = timedelta(days=1)
OWNERS: tuple[tuple[Literal["appointment", "hold", "block", "group_event"], Any, Any], ...] = (
    ("appointment", busy.c.appointment_id, appointments),
    ("hold", busy.c.hold_id, holds),
    ("block", busy.c.block_id, blocks),
    ("group_event", busy.c.group_event_id, group_events),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is shown: when, of whom, and how much. `own` is whose schedule alone a caller may see in full."""

    branch: BranchEntry
    first: date
    last: date
    during: Interval
    full: bool
    kinds: bool  # of absences


def show_schedule(
    session: Session, keyring: Keyring, request: wire.ShowSchedule, caller: Caller, reach: Reach, now: datetime
) -> wire.Schedule:
    """With `.own` a caller sees the masters that they are, and no rooms."""
    tz = zone_of_asked(session, request.branch_id)
    if reach is not Reach.OWN:
        must_be_theirs(request.branch_id, caller)
    check_dates([("from", request.from_), ("to", request.to)])
    check_period(request.from_, request.to, LONGEST)
    known = catalogue(session)
    asked = Asked(
        known.branches[request.branch_id],
        request.from_,
        request.to,
        Interval(start_of_day(request.from_, tz), start_of_day(request.to + A_DAY, tz)),
        full=request.mode == "full",
        kinds=request.mode == "full" and caller.may("absences.read"),
    )
    master_ids = _masters(session, request, asked, caller, reach)
    room_ids = [] if reach is Reach.OWN else _rooms(known, request)
    taken = _taken(session, keyring, asked, [*master_ids, *room_ids], now)
    return wire.Schedule(
        request.branch_id,
        tz.key,
        _of_masters(session, known, asked, master_ids, taken),
        tuple(wire.RoomSchedule(room_id, taken.get(room_id, ())) for room_id in room_ids),
    )


# --- who is shown ---------------------------------------------------------------------------------------------------


def _masters(session: Session, request: wire.ShowSchedule, asked: Asked, caller: Caller, reach: Reach) -> list[UUID]:
    """Those named; with rooms named alone none; else all who work or are booked there.

    Whom the caller does not see is 404: a master of other branches is busy there for reasons of theirs.
    """
    if request.master_id:
        named = list(dict.fromkeys(request.master_id))
        seen = select(masters.c.id).where(masters.c.id.in_(named), master_seen(caller, reach))
        hidden = set(named) - set(session.scalars(seen))
        if hidden and (reach is Reach.OWN or not hidden.issubset(session.scalars(_there(asked)))):
            raise NotFound("master_not_found", "there is no such master")
        return sorted(named) if reach is Reach.OWN else named
    if reach is Reach.OWN:
        return sorted(session.scalars(select(masters.c.id).where(master_seen(caller, reach))))
    return [] if request.room_id else sorted(session.scalars(_there(asked)))


def _there(asked: Asked) -> Any:
    """Masters with a shift in the branch, or busy with something of the branch."""
    works = select(shifts.c.master_id).where(
        shifts.c.branch_id == asked.branch.id, shifts.c.day.between(asked.first, asked.last)
    )
    busy_here = (
        select(busy.c.resource_id)
        .join(table, table.c.id == column)
        .where(
            busy.c.resource_kind == "master",
            table.c.branch_id == asked.branch.id,
            table.c.starts > asked.during.starts - (2 * A_DAY if table is not blocks else 400 * A_DAY),
            table.c.starts < asked.during.ends,
            busy.c.during.overlaps(Range(asked.during.starts, asked.during.ends)),
        )
        for _, column, table in OWNERS
    )
    return union(works, *busy_here)


def _rooms(known: Catalogue, request: wire.ShowSchedule) -> list[UUID]:
    """Those named, which are of the branch; with masters named alone none; else all that are in use."""
    here = {room.id: room for room in known.rooms.values() if room.branch_id == request.branch_id}
    if any(room_id not in here for room_id in request.room_id):
        raise NotFound("room_not_found", "there is no such room")
    if request.room_id or request.master_id:
        return list(dict.fromkeys(request.room_id))
    return sorted(room.id for room in here.values() if room.active)


# --- what is shown of them ------------------------------------------------------------------------------------------


def _of_masters(
    session: Session,
    known: Catalogue,
    asked: Asked,
    master_ids: Collection[UUID],
    taken: dict[UUID, tuple[wire.BusySpan, ...]],
) -> tuple[wire.MasterSchedule, ...]:
    there = worked(session, master_ids, asked.first, asked.last, asked.branch.id)
    away = absent(session, master_ids, asked.during)
    tz = asked.branch.tz
    return tuple(
        wire.MasterSchedule(
            master_id,
            _spans((each.during for each in there.get(master_id, ())), tz),
            _spans(
                open_by(
                    asked.branch,
                    known.masters[master_id],
                    (each.shift for each in there.get(master_id, ())),
                    away.get(master_id, ()),
                ),
                tz,
            ),
            tuple(_absent(each, asked) for each in away.get(master_id, ())),
            taken.get(master_id, ()),
        )
        for master_id in master_ids
    )


def _spans(intervals: Iterable[Interval], tz: ZoneInfo) -> tuple[wire.Span, ...]:
    return tuple(wire.Span(each.starts.astimezone(tz), each.ends.astimezone(tz)) for each in intervals)


def _absent(away: Away, asked: Asked) -> wire.AbsentSpan:
    """Why somebody is away is not for everybody who may see that they are."""
    tz = asked.branch.tz
    kind: Any = away.kind if asked.kinds else "other"
    return wire.AbsentSpan(away.starts.astimezone(tz), away.ends.astimezone(tz), kind)


def _taken(
    session: Session, keyring: Keyring, asked: Asked, ids: Collection[UUID], now: datetime
) -> dict[UUID, tuple[wire.BusySpan, ...]]:
    """When each of `ids` is taken, by time. Holds that ran out count for nobody."""
    # A join, one probe of the index for each: a GiST index does not know `= ANY`.
    wanted = func.unnest(bindparam("ids", list(ids), type_=ARRAY(Uuid))).table_valued("id").render_derived("wanted")
    starts, ends = func.lower(busy.c.during).label("starts"), func.upper(busy.c.during).label("ends")
    branch_id = func.coalesce(*(table.c.branch_id for _, _, table in OWNERS)).label("branch_id")
    query = select(
        busy.c.resource_id,
        *(column for _, column, _ in OWNERS),
        (busy.c.lane > 0).label("overlap"),
        starts,
        ends,
        branch_id,
        appointments.c.client_id,
        appointments.c.health,
    ).select_from(busy)
    for _, column, table in OWNERS:
        query = query.outerjoin(table, table.c.id == column)
    query = query.where(
        busy.c.resource_id == wanted.c.id,
        busy.c.during.overlaps(Range(asked.during.starts, asked.during.ends)),
        or_(busy.c.expires_at.is_(None), busy.c.expires_at > now),
    )
    # A block takes every place of a room; it is shown once.
    query = query.where(or_(busy.c.block_id.is_(None), busy.c.place == 0))
    rows = session.execute(query.order_by(starts, busy.c.id)).all()
    signs = _signs(keyring, rows) if asked.full else {}
    taken: dict[UUID, list[wire.BusySpan]] = {}
    for row in rows:
        taken.setdefault(row.resource_id, []).append(_busy(row, asked, signs))
    return {resource_id: tuple(spans) for resource_id, spans in taken.items()}


class _Visit(NamedTuple):
    id: UUID
    client_id: UUID | None


def _signs(keyring: Keyring, rows: Iterable[Any]) -> dict[UUID, wire.HealthSign | None]:
    """What the guard has said of the appointments in `rows`."""
    marked = {row.appointment_id: row for row in rows if row.health is not None}
    said = opened(keyring, [(_Visit(each, row.client_id), FIELD, row.health) for each, row in marked.items()])
    return {each: sign_of(read_health(said.get((each, FIELD)))) for each in marked}


def _busy(row: Any, asked: Asked, signs: Mapping[UUID, wire.HealthSign | None]) -> wire.BusySpan:
    """By what, if that is asked for and of this branch: somebody who works in two is simply busy in the other."""
    starts, ends = row.starts.astimezone(asked.branch.tz), row.ends.astimezone(asked.branch.tz)
    if not asked.full or row.branch_id != asked.branch.id:
        return wire.BusySpan(starts, ends, "busy")
    kind = next(kind for kind, column, _ in OWNERS if getattr(row, column.name))
    return wire.BusySpan(
        starts,
        ends,
        kind,
        appointment_id=row.appointment_id,
        hold_id=row.hold_id,
        block_id=row.block_id,
        group_event_id=row.group_event_id,
        overlap=row.overlap,
        health=signs.get(row.appointment_id),
    )

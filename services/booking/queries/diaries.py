"""The diaries around one visit, exactly: when masters and rooms are open, when they and the client are taken."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Date,
    Integer,
    Row,
    Uuid,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, Range
from sqlalchemy.orm import Session
from sqlalchemy.sql import bindparam

from chassis.database import Instant
from kernel.time import Interval
from services.booking.domain.hours import open_times, week_times
from services.booking.domain.shifts import Shift
from services.booking.domain.wish import Diary, Piece, Unit, Wish
from services.booking.queries.catalogue import Catalogue, Outdated
from services.booking.tables import absences, busy, catalogue_state, shifts

OWNER = func.coalesce(busy.c.appointment_id, busy.c.hold_id, busy.c.block_id, busy.c.group_event_id)
SHIFT, ABSENCE, BUSY, VERSION = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose diaries are looked at, and when; `besides` are owners of busy time that do not count."""

    branch_id: UUID
    during: Interval
    masters: Collection[UUID]
    units: Collection[UUID] = ()
    client_id: UUID | None = None
    besides: Collection[UUID] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What the diaries say: of masters with some open time, of units, and when the client is somewhere else."""

    diaries: Mapping[UUID, Diary]
    units: Sequence[Unit]
    client: Sequence[Interval]

    def with_free_masters(self) -> "Look":
        return replace(self, diaries={id_: replace(diary, busy=()) for id_, diary in self.diaries.items()})

    def with_free_units(self) -> "Look":
        return replace(self, units=[replace(unit, busy=()) for unit in self.units])


def look(session: Session, known: Catalogue, asked: Asked, now: datetime) -> Look:
    """Read all of what is asked for with one statement; Outdated if `known` is not the catalogue any more."""
    rows = _read(session, asked, now)
    if next(row.number for row in rows if row.kind == VERSION) != known.version:
        raise Outdated
    return _seen(known, asked, rows)


def _read(session: Session, asked: Asked, now: datetime) -> Sequence[Row[Any]]:
    masters, units = list(asked.masters), list(asked.units)
    return session.execute(
        ROWS,
        {
            "branch_id": asked.branch_id,
            "masters": masters,
            "resources": [*masters, *units, *([asked.client_id] if asked.client_id else [])],
            "besides": list(asked.besides),
            "starts": asked.during.starts,
            "ends": asked.during.ends,
            "now": now,
        },
    ).all()


def _seen(known: Catalogue, asked: Asked, rows: Sequence[Row[Any]]) -> Look:
    worked: dict[UUID, list[Shift]] = {}
    absent: dict[UUID, list[Interval]] = {}
    taken: dict[UUID, list[tuple[int, Interval]]] = {}
    for row in rows:
        if row.kind == SHIFT:
            worked.setdefault(row.id, []).append(Shift(row.day, row.number, row.until))
        elif row.kind == ABSENCE:
            absent.setdefault(row.id, []).append(_interval(row))
        elif row.kind == BUSY:
            taken.setdefault(row.id, []).append((row.number, _interval(row)))
    branch = known.branches[asked.branch_id]
    diaries = {}
    for master_id, planned in worked.items():
        master = known.masters[master_id]
        open_ = open_times(planned, branch.week, branch.holidays, absent.get(master_id, ()), master.permits, branch.tz)
        if master.active and open_:
            busy_then = [each for _, each in taken.get(master_id, ())]
            diaries[master_id] = Diary(open_, busy_then, master.room_ids)
    units = [_unit(known, id_, asked.during, branch.tz, taken.get(id_, ())) for id_ in sorted(asked.units)]
    client = [each for _, each in taken.get(asked.client_id, ())] if asked.client_id else []
    return Look(diaries, units, client)


def _interval(row: Row[Any]) -> Interval:
    return Interval(row.from_, row.to)


def _unit(
    known: Catalogue, unit_id: UUID, during: Interval, tz: ZoneInfo, taken: Sequence[tuple[int, Interval]]
) -> Unit:
    room = known.rooms[unit_id]
    open_ = None
    if room.week is not None:
        open_ = week_times(room.week, *_dates(during, tz), tz)
    return Unit(unit_id, room.kind, room.places, open_, taken)


def _dates(during: Interval, tz: ZoneInfo) -> tuple[date, date]:
    return during.starts.astimezone(tz).date() - timedelta(days=1), during.ends.astimezone(tz).date()


def _rows() -> CompoundSelect[Any]:
    """Shifts, absences, what is taken, and the version of the catalogue; made once, for it is asked all the time."""
    masters = bindparam("masters", type_=ARRAY(Uuid))
    starts, ends = bindparam("starts", type_=Instant), bindparam("ends", type_=Instant)
    none, nothing = cast(null(), Instant), literal_column("0", Integer)
    worked = select(
        literal_column(str(SHIFT)).label("kind"),
        shifts.c.master_id.label("id"),
        cast(shifts.c.starts, BigInteger).label("number"),
        cast(shifts.c.ends, Integer).label("until"),
        shifts.c.day.label("day"),
        none.label("from_"),
        none.label("to"),
    ).where(
        shifts.c.branch_id == bindparam("branch_id", type_=Uuid),
        shifts.c.master_id == masters.any_(),
        shifts.c.ends_at > starts,
        shifts.c.starts_at < ends,
    )
    absent = select(
        literal_column(str(ABSENCE)), absences.c.master_id, nothing, nothing, cast(null(), Date), absences.c.starts,
        absences.c.ends,
    ).where(absences.c.master_id == masters.any_(), absences.c.ends > starts, absences.c.starts < ends)  # fmt: skip
    # One probe of the index for each: a GiST index does not know `= ANY`, and OFFSET keeps the planner, who knows
    # nothing of days that were booked just now, from reading what everybody has then.
    wanted = func.unnest(bindparam("resources", type_=ARRAY(Uuid))).table_valued("id").render_derived("wanted")
    of_each = (
        select(busy.c.resource_id, busy.c.place, busy.c.during)
        .where(
            busy.c.resource_id == wanted.c.id,
            busy.c.during.overlaps(func.tstzrange(starts, ends, type_=TSTZRANGE)),
            or_(busy.c.expires_at.is_(None), busy.c.expires_at > bindparam("now", type_=Instant)),
            bindparam("besides", type_=ARRAY(Uuid)).all_() != OWNER,
        )
        .offset(literal_column("0"))
        .lateral("of_each")
    )
    taken = select(
        literal_column(str(BUSY)), of_each.c.resource_id, of_each.c.place, nothing, cast(null(), Date),
        func.lower(of_each.c.during, type_=Instant), func.upper(of_each.c.during, type_=Instant),
    ).select_from(wanted.join(of_each, true()))  # fmt: skip
    version = select(
        literal_column(str(VERSION)), cast(null(), Uuid), catalogue_state.c.version, nothing, cast(null(), Date),
        none, none,
    )  # fmt: skip
    return union_all(worked, absent, taken, version)


ROWS = _rows()


# --- around it ------------------------------------------------------------------------------------------------------


def units_wanted(known: Catalogue, branch_id: UUID, wishes: Iterable[Wish]) -> frozenset[UUID]:
    """The rooms and units in use of which the visit may take one or another."""
    kinds = {kind for wish in wishes for kind in wish.room_kinds}
    ids = (unit for kind in kinds for unit in known.rooms_of.get((branch_id, kind), ()))
    return frozenset(unit for unit in ids if known.rooms[unit].active)


def occupied_by(session: Session, owner_ids: Collection[UUID]) -> list[tuple[UUID, Interval]]:
    """What appointments and holds occupy now."""
    if not owner_ids:
        return []
    mine = or_(busy.c.appointment_id.in_(owner_ids), busy.c.hold_id.in_(owner_ids))
    query = select(busy.c.resource_id, func.lower(busy.c.during), func.upper(busy.c.during)).where(mine)
    return [(resource_id, Interval(starts, ends)) for resource_id, starts, ends in session.execute(query)]


def lanes_over(session: Session, wanted: Sequence[Piece]) -> dict[Piece, int]:
    """For each piece that would lie over another the lowest lane above 0 in which it does not."""
    in_the_way = [
        (busy.c.resource_id == piece.resource_id)
        & (busy.c.place == piece.place)
        & busy.c.during.overlaps(Range(piece.during.starts, piece.during.ends))
        for piece in wanted
    ]
    query = select(busy.c.resource_id, busy.c.place, busy.c.during, busy.c.lane).where(or_(*in_the_way))
    there = [
        (row.resource_id, row.place, Interval(row.during.lower, row.during.upper), row.lane)
        for row in session.execute(query)
    ]
    lanes = {}
    for piece in wanted:
        used = {
            lane
            for resource_id, place, during, lane in there
            if (resource_id, place) == (piece.resource_id, piece.place) and during.overlaps(piece.during)
        }
        if used:
            lanes[piece] = next(lane for lane in range(1, len(used) + 2) if lane not in used)
    return lanes

"""The time of many masters and rooms as bits, read with one statement: what free starts are worked out from."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from struct import Struct
from uuid import UUID

from sqlalchemy import func, or_, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from kernel.time import Interval
from services.booking.domain.hours import instants_of, joined, open_times, week_times
from services.booking.domain.shifts import Shift
from services.booking.domain.units import UnitTime
from services.booking.domain.window import Window
from services.booking.domain.workday import Workday, grid
from services.booking.queries.catalogue import BranchEntry, Catalogue, MasterEntry, Outdated, RoomEntry
from services.booking.tables import busy

# Everything about one master or room comes back as one value, and the version of the catalogue with it: to read fifteen
# thousand rows one by one takes longer than all the rest. Instants are microseconds since 2000, as PostgreSQL sends
# them; days are counted from 2000, too.
_TIMES = text("""
SELECT c.version, clock_timestamp() AS as_of, r.id, r.worked, r.absent, r.busy
FROM catalogue_state AS c LEFT JOIN (
    SELECT w.id, s.worked,
        (SELECT string_agg(timestamptz_send(a.starts) || timestamptz_send(a.ends), ''::bytea)
           FROM absences AS a WHERE a.master_id = w.id AND a.ends > :first AND a.starts < :last) AS absent,
        (SELECT string_agg(int2send(b.place) || range_send(b.during), ''::bytea)
           FROM busy AS b WHERE b.resource_id = w.id AND b.during && tstzrange(:first, :last)
            AND (b.expires_at IS NULL OR b.expires_at > :now)
            AND NOT coalesce(b.appointment_id, b.hold_id, b.block_id, b.group_event_id)
                = ANY (CAST(:besides AS uuid[]))) AS busy
    FROM unnest(CAST(:ids AS uuid[])) AS w(id)
    CROSS JOIN LATERAL (
        SELECT string_agg(
            int4send(p.day - DATE '2000-01-01') || int2send(p.starts) || int2send(p.ends), ''::bytea) AS worked
        FROM shifts AS p
        WHERE p.master_id = w.id AND p.branch_id = :branch AND p.ends_at > :first AND p.starts_at < :last) AS s
    WHERE s.worked IS NOT NULL OR w.id = ANY (CAST(:units AS uuid[]))
) AS r ON true
""")
_SHIFT, _ABSENCE, _BUSY = Struct(">ihh"), Struct(">qq"), Struct(">hBiqiq")
_DAY_0 = date(2000, 1, 1).toordinal()
_INSTANT_0 = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTE = 60_000_000  # microseconds

MOST_SEEN = 1_000  # rows that are remembered: some kilobytes each

Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Times:
    """The time of the masters who have a shift in the branch, and of the units that were asked for; `as_of` when.

    `said` is what the diaries say, word for word: what was worked out of the same words needs no working out again.
    """

    as_of: datetime
    said: Hashable
    masters: Mapping[UUID, Workday]
    units: Sequence[UnitTime]


def times_of(
    session: Session,
    known: Catalogue,
    branch_id: UUID,
    window: Window,
    masters: Collection[UUID],
    units: Collection[UUID],
    now: datetime,
    besides: Collection[UUID] = (),
) -> Times:
    """What the diaries say of the window; Outdated if `known` is not the catalogue any more.

    `besides` are appointments and holds that do not count.
    """
    rows = session.execute(
        _TIMES,
        {
            "branch": branch_id,
            "first": window.starts,
            "last": window.ends,
            "now": now,
            "ids": _array((*masters, *units)),
            "units": _array(units),
            "besides": _array(besides),
        },
    ).all()
    if rows[0].version != known.version:
        raise Outdated
    branch = known.branches[branch_id]
    read = _Reader(known, branch, window)
    workdays, there = {}, []
    for row in rows:
        if row.id in known.rooms:
            there.append(read.unit(known.rooms[row.id], row.busy))
        elif row.id is not None and known.masters[row.id].active:
            workdays[row.id] = read.master(known.masters[row.id], row.worked, row.absent, row.busy)
    said = tuple((row.id, row.worked, row.absent, row.busy) for row in rows)
    return Times(rows[0].as_of, said, workdays, there)


def _array(ids: Iterable[UUID]) -> str:
    """An array of ids as PostgreSQL writes it, which is quicker than to adapt them one by one."""
    return "{" + ",".join(map(str, ids)) + "}"


def shifts_in(raw: bytes) -> list[Shift]:
    return [Shift(date.fromordinal(_DAY_0 + day), starts, ends) for day, starts, ends in _SHIFT.iter_unpack(raw)]


def absences_in(raw: bytes | None) -> list[Interval]:
    if not raw:
        return []
    return joined(
        Interval(_INSTANT_0 + starts * _MICROSECOND, _INSTANT_0 + ends * _MICROSECOND)
        for starts, ends in _ABSENCE.iter_unpack(raw)
    )


def taken_of(
    session: Session, client_id: UUID, window: Window, now: datetime, besides: Collection[UUID] = ()
) -> list[Interval]:
    """When the client is somewhere else; the time of `besides` does not count."""
    owner = func.coalesce(busy.c.appointment_id, busy.c.hold_id, busy.c.block_id, busy.c.group_event_id)
    query = select(func.lower(busy.c.during), func.upper(busy.c.during)).where(
        busy.c.resource_id == client_id,
        busy.c.during.overlaps(Range(window.starts, window.ends)),
        or_(busy.c.expires_at.is_(None), busy.c.expires_at > now),
        owner.not_in(besides),
    )
    return [Interval(starts, ends) for starts, ends in session.execute(query)]


class _Reader:
    """Rows as bits of a window; what was read before out of the same bytes is remembered."""

    def __init__(self, known: Catalogue, branch: BranchEntry, window: Window) -> None:
        self._branch, self._window, self._minutes = branch, window, window.minutes
        self._first = (window.starts - _INSTANT_0) // _MICROSECOND
        self._seen = known.seen
        if len(self._seen) > MOST_SEEN:
            self._seen.clear()

    def master(self, master: MasterEntry, worked: bytes, absent: bytes | None, busy: bytes | None) -> Workday:
        key = (self._branch.id, self._first, self._minutes, master.id, worked, absent, busy)
        day = self._seen.get(key)
        if not isinstance(day, Workday):
            tz, window = self._branch.tz, self._window
            shifts = shifts_in(worked)
            open_ = open_times(
                shifts, self._branch.week, self._branch.holidays, absences_in(absent), master.permits, tz
            )
            planned = (each for shift in shifts if (each := instants_of(shift, tz)))
            day = self._seen[key] = Workday(
                window.mask(open_, outwards=False), self._busy(busy), grid(planned, window), master.room_ids
            )
        return day

    def unit(self, room: RoomEntry, busy: bytes | None) -> UnitTime:
        key = (self._branch.id, self._first, self._minutes, room.id, busy)
        unit = self._seen.get(key)
        if not isinstance(unit, UnitTime):
            there = self._window.all
            if room.week is not None:
                tz = self._branch.tz
                first = self._window.starts.astimezone(tz).date() - timedelta(days=1)
                open_ = week_times(room.week, first, self._window.ends.astimezone(tz).date(), tz)
                there = self._window.mask(open_, outwards=False)
            unit = self._seen[key] = UnitTime(room.id, room.kind, self._free_places(busy, room.places, there))
        return unit

    def _busy(self, raw: bytes | None) -> int:
        """The minutes of a master that anything touches."""
        return self._mask([(starts, ends) for _, _, _, starts, _, ends in _BUSY.iter_unpack(raw)]) if raw else 0

    def _free_places(self, raw: bytes | None, places: int, there: int) -> list[int]:
        """For each place of a room the minutes in which it is free, of those in which the room is `there`."""
        taken: dict[int, Spans] = {}
        for place, _, _, starts, _, ends in _BUSY.iter_unpack(raw or b""):
            taken.setdefault(place, []).append((starts, ends))
        return [there & ~self._mask(taken[place]) if place in taken else there for place in range(places)]

    def _mask(self, spans: Spans) -> int:
        """The minutes that `spans` (microseconds) touch.

        Bits between two marks are their difference: one subtraction for all spans instead of two shifts for each.
        """
        spans.sort()
        starts, ends = bytearray(self._minutes // 8 + 1), bytearray(self._minutes // 8 + 1)
        reached = 0
        for span_starts, span_ends in spans:
            first = max((span_starts - self._first) // _MINUTE, reached)
            last = min(-((self._first - span_ends) // _MINUTE), self._minutes)
            if first < last:
                starts[first >> 3] |= 1 << (first & 7)
                ends[last >> 3] |= 1 << (last & 7)
                reached = last
        return int.from_bytes(ends, "little") - int.from_bytes(starts, "little")

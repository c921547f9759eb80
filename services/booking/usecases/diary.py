"""Putting a visit into the diaries: locks, the choice of masters and rooms, busy rows.

Whoever writes time locks first, then looks, then writes; rows of appointments and holds are locked before all of that.
The exclusion constraint is the last guard.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, bindparam, delete, func, or_, select, text, true
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.rows import Rows, insert_rows
from kernel.errors import Conflict
from kernel.time import Interval, days_of
from services.booking.domain.diary import client_busy, room_closed, room_taken, slot_taken
from services.booking.domain.packing import pack, pieces
from services.booking.domain.wish import Piece, Placed, Wish
from services.booking.queries.availability import alternatives
from services.booking.queries.catalogue import Catalogue, by_catalogue, catalogue
from services.booking.queries.diaries import Asked, Look, lanes_over, look, occupied_by, units_wanted
from services.booking.tables import busy

AROUND = timedelta(hours=12)  # of a visit are looked at, to see who has the least to do
ROUNDS = 3  # of locking only what was chosen; then everything that could be
LOCKS_AT_MOST = 1_000  # for one who plans more than that everybody waits: the table of locks is not endless
EVERYTHING = int.from_bytes(blake2b(b"every diary", digest_size=8).digest(), "big", signed=True)
OWNERS = (busy.c.appointment_id, busy.c.hold_id, busy.c.block_id, busy.c.group_event_id)


@dataclass(frozen=True, slots=True)
class Owner:
    """What keeps somebody busy: the column of `busy` that names it, and until when, if it is a hold."""

    column: str  # appointment_id, hold_id, block_id or group_event_id
    id: UUID
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """Who wants to come where, when and for what.

    `besides` are owners of busy time that give way: the appointment itself if it moves, a hold that is quoted.
    `favourite` is the master whom the client likes to have where anybody may come; with `overlap` it may be put over
    what is there already. `soonest` is when clients may come, who book some time ahead. What is told to a `stranger`,
    who has not shown who they are, says nothing of the client. `known` is the catalogue by which the wishes were made,
    if the diaries have to tell whether that holds.
    """

    branch_id: UUID
    tz: ZoneInfo
    client_id: UUID | None
    starts: datetime
    wishes: Sequence[Wish]
    besides: frozenset[UUID] = frozenset()
    favourite: UUID | None = None
    overlap: bool = False
    soonest: datetime | None = None
    stranger: bool = False
    known: Catalogue | None = None

    @property
    def is_fixed(self) -> bool:
        """Whether there is only one way to serve it: one master for each wish, and no rooms to choose from."""
        return all(len(wish.needs) == 1 and not wish.room_kinds for wish in self.wishes)

    @property
    def span(self) -> Interval:
        """All time that it could take, whoever renders it."""
        needs = [need for wish in self.wishes for need in wish.needs.values()]
        minutes = sum(max((need.duration for need in wish.needs.values()), default=0) for wish in self.wishes)
        before = timedelta(minutes=max((need.before for need in needs), default=0))
        after = timedelta(minutes=max((need.after for need in needs), default=0))
        return Interval(self.starts, self.starts + timedelta(minutes=max(1, minutes))).widened(before, after)


# --- deciding -------------------------------------------------------------------------------------------------------


def arrange(session: Session, visit: Visit, now: datetime) -> tuple[Placed, ...]:
    """Who renders the visit and where, all of it locked until the end; the refusal says when it is free instead.

    What somebody else decides about just now is looked at first, and not waited for unless it is free. Where there is a
    choice, only what was chosen is locked, and looked at again: if somebody was faster, the locks are let go and the
    next who is free is tried.
    """
    try:
        if visit.is_fixed:
            return _fixed(session, visit, now)
        for _ in range(ROUNDS):
            placed = place(session, visit, now)
            savepoint = session.begin_nested()
            try:
                placed = _locked(session, visit, placed, now)
            except Conflict:
                savepoint.rollback()  # which also lets go of the locks
            else:
                savepoint.commit()
                return placed
        lock_visits(session, [visit])
        return place(session, visit, now)
    except Conflict as refusal:
        raise with_alternatives(session, visit, refusal, now) from None


def _fixed(session: Session, visit: Visit, now: datetime) -> tuple[Placed, ...]:
    """A visit that can be served in one way only."""
    masters = [next(iter(wish.needs)) for wish in visit.wishes]
    held = _taken_by(session, visit, masters)
    if not lock_at_once(session, held):
        _decide(visit, _look_at(session, visit, masters, (), now))
        lock(session, held)
    return _decide(visit, _look_at(session, visit, masters, (), now))


def _locked(session: Session, visit: Visit, placed: Sequence[Placed], now: datetime) -> tuple[Placed, ...]:
    """The same once it is locked, if it is still free."""
    masters, units = [each.master_id for each in placed], [unit for each in placed for unit, _ in each.units]
    lock(session, _taken_by(session, visit, (*masters, *units)))
    return _decide(_pinned(visit, placed), _look_at(session, visit, masters, units, now))


def place(session: Session, visit: Visit, now: datetime) -> tuple[Placed, ...]:
    """Who renders the visit and where, as the diaries are now; it holds for those who have the locks."""
    return _decide(visit, _look(session, visit, now))


def with_alternatives(session: Session, visit: Visit, refusal: Conflict, now: datetime) -> Conflict:
    """The refusal with the free starts nearest to the one that is not."""
    client_id = visit.client_id
    if visit.stranger:
        client_id = None
        refusal = slot_taken() if refusal.code == "client_busy" else refusal
    others = alternatives(
        session, visit.branch_id, visit.wishes, client_id, visit.starts, visit.tz, now, visit.besides, visit.soonest
    )
    return Conflict(refusal.code, refusal.message, **refusal.details, alternatives=others)


def _look(session: Session, visit: Visit, now: datetime) -> Look:
    """The diaries of all who could render it and of every unit that it could take, with some time around the visit."""
    masters = {master for wish in visit.wishes for master in wish.needs}
    during = visit.span.widened(AROUND, AROUND)

    def see(known: Catalogue) -> Look:
        units = units_wanted(known, visit.branch_id, visit.wishes)
        asked = Asked(visit.branch_id, during, masters, units, visit.client_id, visit.besides)
        return look(session, known, asked, now)

    return see(visit.known) if visit.known else by_catalogue(session, see)


def _look_at(session: Session, visit: Visit, masters: Collection[UUID], units: Collection[UUID], now: datetime) -> Look:
    """The diaries of these, at the time of the visit."""
    asked = Asked(visit.branch_id, visit.span, set(masters), set(units), visit.client_id, visit.besides)
    if visit.known:
        return look(session, visit.known, asked, now)
    return by_catalogue(session, lambda known: look(session, known, asked, now))


def _decide(visit: Visit, seen: Look) -> tuple[Placed, ...]:
    placed = _packed(visit, seen)
    if not visit.overlap and any(taken.overlaps(whole_of(placed)) for taken in seen.client):
        raise client_busy()
    return placed


def _packed(visit: Visit, seen: Look) -> tuple[Placed, ...]:
    """The best packing; by right also over other masters' visits, and if need be in rooms that are taken."""
    tries = (seen, seen.with_free_masters(), seen.with_free_masters().with_free_units()) if visit.overlap else (seen,)
    refused = slot_taken()
    for each in tries:
        try:
            return pack(visit.starts, visit.wishes, each.diaries, each.units, visit.favourite)
        except Conflict as refusal:
            refused = _no_room(visit, each) if refusal.code == "room_taken" else refusal
    raise refused


def _no_room(visit: Visit, seen: Look) -> Conflict:
    """Others have the rooms, or they have hours of their own and are closed then."""
    empty = seen.with_free_units()
    always = replace(empty, units=[replace(unit, open=None) for unit in empty.units])
    closed = not _fits(visit, empty) and _fits(visit, always)
    return room_closed() if closed else room_taken()


def _fits(visit: Visit, seen: Look) -> bool:
    try:
        pack(visit.starts, visit.wishes, seen.diaries, seen.units)
    except Conflict:
        return False
    return True


def _pinned(visit: Visit, placed: Sequence[Placed]) -> Visit:
    """The visit with the masters who were chosen for it, and no others."""
    return replace(visit, wishes=[replace(each.wish, needs={each.master_id: each.need}) for each in placed])


def whole_of(placed: Sequence[Placed]) -> Interval:
    """From the visit's start to its end, as the client sees it."""
    return Interval(min(each.starts for each in placed), max(each.work.ends for each in placed))


def pieces_of(client_id: UUID | None, placed: Sequence[Placed]) -> list[Piece]:
    """Who and what is busy when the visit takes place; segments of one master that meet are one piece."""
    return list(pieces(placed, client_id, whole_of(placed)))


# --- locks ----------------------------------------------------------------------------------------------------------


def lock_visits(session: Session, visits: Sequence[Visit]) -> None:
    """Lock whatever any of `visits` could take, and what gives way to them."""
    held: list[tuple[UUID, Interval]] = []
    known = catalogue(session)
    for visit in visits:
        span = visit.span
        held += [(master, span) for wish in visit.wishes for master in wish.needs]
        held += [(unit, span) for unit in units_wanted(known, visit.branch_id, visit.wishes)]
        if visit.client_id:
            held.append((visit.client_id, span))
    besides = frozenset[UUID]().union(*(visit.besides for visit in visits))
    lock(session, [*held, *occupied_by(session, besides)])


def _taken_by(session: Session, visit: Visit, resources: Iterable[UUID]) -> list[tuple[UUID, Interval]]:
    """What the visit takes, and what gives way to it: those who want that wait for the same locks."""
    held = [(resource, visit.span) for resource in resources]
    if visit.client_id:
        held.append((visit.client_id, visit.span))
    return held + occupied_by(session, visit.besides)


def lock(session: Session, held: Iterable[tuple[UUID, Interval]]) -> None:
    """Wait until nobody else decides about these resources on these days (UTC), and keep them until the end.

    Sorted, so that two who want the same ones never wait for each other: the exclusion constraint alone deadlocks.
    """
    keys = _keys_of(held)
    if len(keys) > LOCKS_AT_MOST:
        session.execute(select(func.pg_advisory_xact_lock(EVERYTHING)))
    else:
        shared = select(func.pg_advisory_xact_lock_shared(EVERYTHING).label("shared")).subquery()
        wanted = _wanted(keys)
        both = shared.join(wanted, true())
        session.execute(select(shared.c.shared, func.pg_advisory_xact_lock(wanted.c.key)).select_from(both))


def lock_at_once(session: Session, held: Iterable[tuple[UUID, Interval]]) -> bool:
    """As `lock`, without waiting: False if somebody has one of them, and then `lock` goes on from there."""
    keys = _keys_of(held)
    return len(keys) <= LOCKS_AT_MOST and bool(session.scalar(LOCK_AT_ONCE, {"everything": EVERYTHING, "keys": keys}))


# One after another in their order, and none after the first that somebody has: what is locked then is what `lock` would
# have locked before it waits.
LOCK_AT_ONCE = text("""
    WITH RECURSIVE locked (count, got) AS (
        SELECT 0, pg_try_advisory_xact_lock_shared(:everything)
        UNION ALL
        SELECT count + 1, pg_try_advisory_xact_lock((CAST(:keys AS bigint[]))[count + 1]) FROM locked
        WHERE got AND count < cardinality(CAST(:keys AS bigint[]))
    )
    SELECT bool_and(got) FROM locked
""")


def _keys_of(held: Iterable[tuple[UUID, Interval]]) -> list[int]:
    return _keys({f"{resource} {day}" for resource, during in held for day in _days(during)})


def lock_words(session: Session, words: Iterable[str]) -> None:
    """Take the advisory locks that `words` stand for, in one order for everybody."""
    session.execute(select(func.pg_advisory_xact_lock(_wanted(_keys(words)).c.key)))


def _keys(words: Iterable[str]) -> list[int]:
    return sorted(
        {int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big", signed=True) for word in words}
    )


def _wanted(keys: list[int]) -> Any:
    return func.unnest(bindparam("keys", keys, type_=ARRAY(BigInteger))).table_valued("key").render_derived("wanted")


def _days(during: Interval) -> Iterable[date]:
    return days_of(during.starts.astimezone(UTC).date(), during.ends.astimezone(UTC).date())


# --- busy rows ------------------------------------------------------------------------------------------------------


def occupy(
    session: Session, owner: Owner, wanted: Sequence[Piece], *, overlap: bool = False, now: datetime | None = None
) -> bool:
    """Write who is busy because of `owner`; with `overlap`, over what is there. Whether it lies over anything.

    Expired holds are in nobody's way; `now` is the database's own clock unless it is given.
    """
    taking = taken_by(session, owner, wanted, overlap=overlap)
    if not insert_rows(session, taking):
        insist(session, taking, wanted, now)
    return any(row["lane"] for row in taking.rows)


def taken_by(session: Session, owner: Owner, wanted: Sequence[Piece], *, overlap: bool = False) -> Rows:
    """The rows of who is busy because of `owner`; those that somebody else's are in the way of are left out."""
    lanes = lanes_over(session, wanted) if overlap else {}
    rows = [
        {
            "id": new_id(),
            owner.column: owner.id,
            "resource_kind": piece.kind,
            "resource_id": piece.resource_id,
            "place": piece.place,
            "during": f"[{piece.during.starts.isoformat()},{piece.during.ends.isoformat()})",
            "lane": lanes.get(piece, 0),
            "expires_at": owner.expires_at,
        }
        for piece in sorted(wanted, key=lambda piece: (piece.resource_id, piece.place, piece.during.starts))
    ]
    return Rows(busy, rows, unless="nobody_twice_at_once")


def insist(session: Session, taking: Rows, wanted: Sequence[Piece], now: datetime | None) -> None:
    """Write all of `taking`, of which a part was left out, once expired holds are out of the way; or refuse."""
    session.execute(delete(busy).where(busy.c.id.in_([row["id"] for row in taking.rows])))
    if not (_expire(session, wanted, now) and insert_rows(session, taking)):
        raise slot_taken()


def _expire(session: Session, wanted: Sequence[Piece], now: datetime | None) -> bool:
    """Delete what expired holds still keep of `wanted`; whether there was any."""
    clock = now if now is not None else func.clock_timestamp()
    in_the_way = or_(
        *(
            (busy.c.resource_id == piece.resource_id)
            & busy.c.during.overlaps(Range(piece.during.starts, piece.during.ends))
            for piece in wanted
        )
    )
    gone = session.execute(delete(busy).where(busy.c.expires_at <= clock, in_the_way).returning(busy.c.id))
    return bool(gone.all())


def leave(session: Session, owner_ids: Collection[UUID]) -> None:
    """Nobody is kept busy by these appointments, holds, blocks or group events any more."""
    if owner_ids:
        session.execute(delete(busy).where(or_(*(column.in_(owner_ids) for column in OWNERS))))

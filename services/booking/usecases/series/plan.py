"""What becomes of each occurrence of a series: free, moved to the next free time, left out, or in conflict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from contracts import booking as wire
from kernel.errors import Conflict, Invalid
from kernel.time import Interval
from services.booking.domain.appointment import Appointment
from services.booking.domain.diary import check_horizon, check_lead, check_start, client_busy
from services.booking.domain.window import Window
from services.booking.domain.wish import Placed, Wish
from services.booking.queries.appointments import Kept
from services.booking.queries.availability import alternatives, free_starts_of
from services.booking.queries.diaries import occupied_by
from services.booking.queries.limits import limits_of
from services.booking.queries.times import taken_of
from services.booking.usecases.diary import Visit, lock, lock_visits, pieces_of, place, whole_of

ROUNDS = 3  # of locking what was decided and deciding again; then everything that could be is locked
TRIES = 5  # next free times that are tried
LAST = timedelta(days=7)  # how far the next free time may lie from an occurrence that no other follows


@dataclass(frozen=True, slots=True)
class Wanted:
    """An occurrence that is to lie at `starts`; None if clocks never show that time.

    `kept` is its appointment if it has one, `stays` if that is there already. `until` is the occurrence that follows.
    """

    occurrence: datetime
    starts: datetime | None
    wishes: Sequence[Wish]
    until: datetime | None = None
    kept: Kept | None = None
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """A visit and where it was placed."""

    visit: Visit
    placed: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of it: `spot` is where, unless it stays as it is, is left out or in conflict."""

    wanted: Wanted
    outcome: Literal["free", "shifted", "skipped", "conflict"]
    spot: Spot | None = None
    code: str | None = None
    alternatives: tuple[wire.Alternative, ...] = ()

    @property
    def starts(self) -> datetime | None:
        if self.spot:
            return self.spot.visit.starts
        return self.wanted.starts if self.wanted.stays else None

    def view(self, tz: ZoneInfo) -> wire.Occurrence:
        return wire.Occurrence(
            self.wanted.occurrence.astimezone(tz),
            self.starts.astimezone(tz) if self.starts else None,
            self.outcome,
            self.code,
            self.alternatives,
        )


@dataclass(frozen=True, slots=True)
class Planning:
    """Whose series it is, by which policy, and whose busy time gives way because it is moved or ends.

    `for_client`: a client asks, to whom more limits apply than to staff. `contraindicated`: the card speaks against
    what is booked anew, and with `of_others` also against what is there, because it gets these services instead.
    """

    branch_id: UUID
    tz: ZoneInfo
    client_id: UUID
    policy: str
    besides: frozenset[UUID] = frozenset()
    favourite: UUID | None = None
    for_client: bool = False
    contraindicated: bool = False
    of_others: bool = False

    def refuses(self, wanted: Wanted) -> bool:
        """Whether no time would do, so that no policy finds one."""
        return self.contraindicated and (wanted.kept is None or self.of_others)

    def visit(self, wanted: Wanted, starts: datetime) -> Visit:
        return Visit(
            self.branch_id, self.tz, self.client_id, starts, wanted.wishes, self.besides, favourite=self.favourite
        )


def decide(session: Session, planning: Planning, wanted: Sequence[Wanted], now: datetime) -> list[Outcome]:
    """What becomes of each, in order; each counts what those before it take. Nothing is written."""
    outcomes: list[Outcome] = []
    taken = [_whole(each.kept.appointment) for each in wanted if each.stays and each.kept]
    for each in wanted:
        if each.stays:
            outcomes.append(Outcome(each, "free"))
            continue
        outcome = _decide_one(session, planning, each, taken, now)
        outcomes.append(outcome)
        if outcome.spot:
            taken.append(whole_of(outcome.spot.placed))
    return outcomes


def _whole(appointment: Appointment) -> Interval:
    return Interval(appointment.starts, appointment.ends)


def _decide_one(
    session: Session, planning: Planning, wanted: Wanted, taken: Sequence[Interval], now: datetime
) -> Outcome:
    if planning.refuses(wanted):
        return Outcome(wanted, "conflict", code="contraindicated")
    try:
        if wanted.starts is None:
            raise Conflict("time_does_not_exist", "on this day the clocks jump over this time")
        spot = _spot(session, planning, wanted, wanted.starts, taken, now)
    except (Conflict, Invalid) as refusal:
        return _otherwise(session, planning, wanted, refusal.code, taken, now)
    return Outcome(wanted, "free", spot)


def _spot(
    session: Session, planning: Planning, wanted: Wanted, starts: datetime, taken: Sequence[Interval], now: datetime
) -> Spot:
    """Where it is placed; refused if it cannot be there."""
    check_start(starts, now)
    limits = limits_of(session, planning.branch_id, [wish.service_id for wish in wanted.wishes])
    check_horizon(starts, limits, now, planning.tz)
    if planning.for_client:
        check_lead(starts, limits, now)
    visit = planning.visit(wanted, starts)
    placed = place(session, visit, now)
    # The others of the series are not written yet. With the buffers, for the master may be the same, too.
    if any(other.overlaps(_with_buffers(placed)) for other in taken):
        raise client_busy()
    return Spot(visit, placed)


def _with_buffers(placed: Sequence[Placed]) -> Interval:
    keeps = [each.need.keeps(each.starts) for each in placed]
    return Interval(min(each.starts for each in keeps), max(each.ends for each in keeps))


def _otherwise(
    session: Session, planning: Planning, wanted: Wanted, code: str, taken: Sequence[Interval], now: datetime
) -> Outcome:
    """By the policy, for one that cannot be where it is wanted."""
    if planning.policy == "skip":
        return Outcome(wanted, "skipped", code=code)
    around = wanted.starts or wanted.occurrence
    if planning.policy == "next_free" and code != "outside_horizon":
        shifted = _next_free(session, planning, wanted, around, taken, now)
        if shifted:
            return replace(shifted, code=code)
    if code == "outside_horizon":
        return Outcome(wanted, "conflict", code=code)
    others = alternatives(
        session,
        planning.branch_id,
        wanted.wishes,
        planning.client_id,
        around,
        planning.tz,
        now,
        planning.besides,
    )
    return Outcome(wanted, "conflict", code=code, alternatives=tuple(wire.Alternative(**each) for each in others))


def _next_free(
    session: Session, planning: Planning, wanted: Wanted, after: datetime, taken: Sequence[Interval], now: datetime
) -> Outcome | None:
    """The next free time after it from which the visit is over before the occurrence that follows."""
    until = wanted.until or after + LAST
    first, last = (max(each, now).astimezone(planning.tz).date() for each in (after, until))
    busy = taken_of(session, planning.client_id, Window(after, max(until, after) + LAST), now, planning.besides)
    free = free_starts_of(
        session,
        planning.branch_id,
        wanted.wishes,
        first,
        last,
        planning.tz,
        now,
        [*busy, *taken],
        planning.besides,
    )
    for start in sorted(start for start in free if after < start < until)[: TRIES * 4]:
        try:
            spot = _spot(session, planning, wanted, start, taken, now)
        except (Conflict, Invalid):
            continue
        if wanted.until is None or _with_buffers(spot.placed).ends <= wanted.until:
            return Outcome(wanted, "shifted", spot)
    return None


# --- under the locks --------------------------------------------------------------------------------------------------


def settle(session: Session, planning: Planning, decided: Callable[[], list[Outcome]]) -> list[Outcome]:
    """What is decided, all of it locked until the end; refused if anything is in conflict.

    Only what was chosen is locked, and decided again: if somebody was faster, the locks are let go and it is tried
    anew. Whatever a long series could take would be too many locks.
    """
    for _ in range(ROUNDS):
        looked = decided()
        refuse_conflicts(looked, planning.tz)
        savepoint = session.begin_nested()
        lock(session, _held(session, planning, looked))
        again = decided()
        if [each.spot for each in again] == [each.spot for each in looked]:
            savepoint.commit()
            return again
        savepoint.rollback()  # which also lets go of the locks
    lock_visits(session, [each.spot.visit for each in looked if each.spot])
    last = decided()
    refuse_conflicts(last, planning.tz)
    return last


def _held(session: Session, planning: Planning, outcomes: Sequence[Outcome]) -> list[tuple[UUID, Interval]]:
    """What they take, and what gives way to them: those who want that wait for the same locks."""
    held = [
        (piece.resource_id, piece.during)
        for each in outcomes
        if each.spot
        for piece in pieces_of(planning.client_id, each.spot.placed)
    ]
    return held + occupied_by(session, planning.besides)


def refuse_conflicts(outcomes: Sequence[Outcome], tz: ZoneInfo) -> None:
    """All or nothing: a conflict that the policy does not settle refuses the whole."""
    conflicts = [each.view(tz) for each in outcomes if each.outcome == "conflict"]
    if conflicts:
        raise Conflict(
            "series_conflicts",
            "not every appointment of the series can be had",
            conflicts=[
                {"occurrence": each.occurrence, "code": each.code, "alternatives": each.alternatives}
                for each in conflicts
            ],
        )
    if outcomes and all(each.outcome == "skipped" for each in outcomes):
        codes = [{"occurrence": each.view(tz).occurrence, "code": each.code, "alternatives": ()} for each in outcomes]
        raise Conflict("series_conflicts", "no appointment of the series can be had", conflicts=codes)

"""When masters work, as the wall clock of the branch says."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.booking import BranchShift, ListShifts, MasterShifts
from kernel.caller import Caller, Reach
from kernel.errors import Invalid
from kernel.time import Interval
from services.booking.domain.shifts import YEARS, Shift, clock_of
from services.booking.queries.reach import in_branches
from services.booking.queries.salon import must_be_theirs, show_master, zone_of_asked
from services.booking.tables import shifts

LONGEST_LIST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Worked:
    """A shift as it is kept: where, what the wall clock says, and its instants."""

    branch_id: UUID
    shift: Shift
    during: Interval


def worked(
    session: Session, master_ids: Collection[UUID], first: date, last: date, branch_id: UUID | None = None
) -> dict[UUID, list[Worked]]:
    """The shifts of each of the masters from `first` to `last`, in order; in all branches unless one is given."""
    query = select(shifts).where(shifts.c.master_id.in_(master_ids), shifts.c.day.between(first, last))
    if branch_id:
        query = query.where(shifts.c.branch_id == branch_id)
    theirs: dict[UUID, list[Worked]] = {}
    for row in session.execute(query.order_by(shifts.c.starts_at)):
        shift = Worked(row.branch_id, Shift(row.day, row.starts, row.ends), Interval(row.starts_at, row.ends_at))
        theirs.setdefault(row.master_id, []).append(shift)
    return theirs


def list_shifts(session: Session, request: ListShifts, caller: Caller, reach: Reach) -> MasterShifts:
    show_master(session, request.master_id, caller, reach)
    if request.branch_id:
        if reach is not Reach.OWN:
            must_be_theirs(request.branch_id, caller)
        zone_of_asked(session, request.branch_id)
    check_period(request.from_, request.to, LONGEST_LIST)
    query = select(shifts).where(
        shifts.c.master_id == request.master_id, shifts.c.day.between(request.from_, request.to)
    )
    if request.branch_id:
        query = query.where(shifts.c.branch_id == request.branch_id)
    if reach is Reach.BRANCHES:
        query = query.where(in_branches(shifts.c.branch_id, caller))
    rows = session.execute(query.order_by(shifts.c.starts_at)).all()
    return MasterShifts(
        request.master_id,
        tuple(BranchShift(row.day, clock_of(row.starts), clock_of(row.ends), row.branch_id) for row in rows),
    )


def shifts_on(session: Session, master_id: UUID, branch_id: UUID, days: Collection[date]) -> MasterShifts:
    """The master's shifts in the branch on `days`."""
    query = (
        select(shifts)
        .where(shifts.c.master_id == master_id, shifts.c.branch_id == branch_id, shifts.c.day.in_(days))
        .order_by(shifts.c.starts_at)
    )
    rows = session.execute(query).all()
    return MasterShifts(
        master_id, tuple(BranchShift(row.day, clock_of(row.starts), clock_of(row.ends), row.branch_id) for row in rows)
    )


def check_dates(dates: Iterable[tuple[str, date]]) -> None:
    """Refuse a date (by its field) at the ends of the calendar, where a day more overflows."""
    for field, day in dates:
        if day.year not in YEARS:
            raise Invalid.field(field, "date_out_of_range", "this is too long ago or too far ahead")


def check_period(first: date | None, last: date | None, longest: timedelta = timedelta.max) -> None:
    """Refuse dates that run backwards or too far."""
    if first is None or last is None:
        return
    if first > last:
        raise Invalid.field("from", "period_invalid", "the first date lies after the last")
    if last - first >= longest:
        raise Invalid.field("to", "period_too_long", f"at most {longest.days} days can be asked for")

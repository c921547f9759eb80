"""When masters work, as the wall clock of the branch says."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.booking import BranchShift, ListShifts, MasterShifts
from kernel.caller import Caller, Reach
from kernel.errors import Invalid
from services.booking.domain.shifts import clock_of
from services.booking.queries.reach import in_branches
from services.booking.queries.salon import must_be_theirs, show_master, zone_of_asked
from services.booking.tables import shifts

LONGEST_LIST = timedelta(days=400)


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


def check_period(first: date | None, last: date | None, longest: timedelta = timedelta.max) -> None:
    """Refuse dates that run backwards or too far."""
    if first is None or last is None:
        return
    if first > last:
        raise Invalid.field("from", "period_invalid", "the first date lies after the last")
    if last - first >= longest:
        raise Invalid.field("to", "period_too_long", f"at most {longest.days} days can be asked for")

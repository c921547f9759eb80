"""Replacing a master's shifts."""

from datetime import date
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import new_id, refusal_of
from contracts import booking as wire
from kernel.caller import Caller
from kernel.errors import Conflict
from services.booking.domain.shifts import Shift, intervals_of, minutes_of
from services.booking.queries.salon import show_master, zone_of_named
from services.booking.queries.shifts import shifts_on
from services.booking.tables import masters, shifts


def replace_shifts(session: Session, request: wire.ReplaceShifts, caller: Caller) -> wire.MasterShifts:
    """Appointments stay as they are, also those that lose their shift."""
    show_master(session, request.master_id, caller, caller.must("shifts.edit"))
    tz = zone_of_named(session, request.branch_id, caller)
    wanted = [Shift(shift.date, minutes_of(shift.starts), minutes_of(shift.ends)) for shift in request.shifts]
    intervals = intervals_of(wanted, tz)
    rows = [
        {
            "id": new_id(),
            "master_id": request.master_id,
            "branch_id": request.branch_id,
            "day": shift.day,
            "starts": shift.starts,
            "ends": shift.ends,
            "starts_at": interval.starts,
            "ends_at": interval.ends,
        }
        for shift, interval in zip(wanted, intervals, strict=True)
    ]
    days = {shift.day for shift in wanted}
    # One at a time for each master: two that insert would wait for each other inside the exclusion constraint.
    session.execute(select(masters.c.id).where(masters.c.id == request.master_id).with_for_update(key_share=True))
    _rewrite(session, request.master_id, request.branch_id, days, rows)
    return shifts_on(session, request.master_id, request.branch_id, days)


def _rewrite(
    session: Session, master_id: UUID, branch_id: UUID, days: set[date], rows: list[dict[str, object]]
) -> None:
    old = (shifts.c.master_id == master_id, shifts.c.branch_id == branch_id, shifts.c.day.in_(days))
    try:
        with session.begin_nested():
            session.execute(delete(shifts).where(*old))
            if rows:
                session.execute(insert(shifts), rows)
    except IntegrityError as error:
        elsewhere = Conflict("shift_overlaps", "the master has another shift at this time")
        raise refusal_of(error, {"no_two_shifts_at_once": elsewhere}) from None

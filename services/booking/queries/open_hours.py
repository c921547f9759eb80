"""When masters may be booked, worked out from what is kept of their shifts and absences and of the branch."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from kernel.time import Interval, start_of_day
from services.booking.domain.hours import open_times
from services.booking.domain.shifts import Shift
from services.booking.queries.absences import absent
from services.booking.queries.catalogue import BranchEntry, MasterEntry, catalogue
from services.booking.queries.shifts import worked


def open_of(
    session: Session, branch_id: UUID, master_ids: Collection[UUID], first: date, last: date
) -> dict[UUID, list[Interval]]:
    """When each of the masters may be booked in the branch by their shifts of the dates from `first` to `last`."""
    known = catalogue(session)
    branch = known.branches[branch_id]
    shifts = worked(session, master_ids, first, last, branch_id)
    whole = Interval(start_of_day(first, branch.tz), start_of_day(last + timedelta(days=1), branch.tz))
    away = absent(session, shifts, whole) if shifts else {}
    return {
        master_id: open_by(branch, known.masters[master_id], (each.shift for each in theirs), away.get(master_id, ()))
        for master_id, theirs in shifts.items()
    }


def open_by(
    branch: BranchEntry, master: MasterEntry, shifts: Iterable[Shift], absences: Iterable[Interval]
) -> list[Interval]:
    """When the master would be bookable with these shifts in the branch."""
    if not master.active:
        return []
    return open_times(shifts, branch.week, branch.holidays, absences, master.permits, branch.tz)

"""Days when a branch is closed, or open at other hours."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from contracts.booking import Holiday, ListHolidays, Stranded
from contracts.message import Page
from kernel.caller import Caller
from kernel.errors import NotFound
from services.booking.domain.shifts import clock_of
from services.booking.queries.paging import page
from services.booking.queries.reach import in_branches
from services.booking.queries.salon.branches import must_be_theirs, zone_of_asked
from services.booking.queries.shifts import check_period
from services.booking.tables import holidays


def show_holiday(session: Session, holiday_id: UUID, caller: Caller, stranded: tuple[Stranded, ...] = ()) -> Holiday:
    query = select(holidays).where(holidays.c.id == holiday_id, in_branches(holidays.c.branch_id, caller))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("holiday_not_found", "there is no such holiday")
    return _holiday(row, stranded)


def list_holidays(session: Session, request: ListHolidays, caller: Caller) -> Page[Holiday]:
    check_period(request.from_, request.to)
    query = select(holidays).where(in_branches(holidays.c.branch_id, caller))
    if request.branch_id:
        must_be_theirs(request.branch_id, caller)
        zone_of_asked(session, request.branch_id)
        query = query.where(holidays.c.branch_id == request.branch_id)
    if request.from_:
        query = query.where(holidays.c.day >= request.from_)
    if request.to:
        query = query.where(holidays.c.day <= request.to)
    return page(session, query, holidays, _holiday, request.limit, request.cursor, by=holidays.c.day)


def _holiday(row: Row[Any], stranded: tuple[Stranded, ...] = ()) -> Holiday:
    opens, closes = (None if minutes is None else clock_of(minutes) for minutes in (row.opens, row.closes))
    return Holiday(row.id, row.branch_id, row.day, row.name, opens, closes, row.version, stranded)

"""Holidays: days on which a branch is closed or open at other hours, and what they leave stranded."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import new_id, refusal_of
from contracts import booking as wire
from contracts.message import UNSET
from kernel.caller import Caller
from kernel.errors import Conflict, Invalid, Stale
from kernel.time import Interval, start_of_day
from services.booking.domain.catalogue import check_hours_of_day, name_of
from services.booking.domain.diary import check_ahead
from services.booking.domain.shifts import YEARS, minutes_of
from services.booking.queries import salon
from services.booking.queries.salon.holidays import show_holiday
from services.booking.tables import holidays
from services.booking.usecases.diary import lock
from services.booking.usecases.salon.changes import change_row, changes_of, check_version
from services.booking.usecases.salon.planned import Planned, as_before, planned_on, tell
from services.booking.usecases.stranded import stranded


def create_holiday(session: Session, request: wire.CreateHoliday, caller: Caller, now: datetime) -> wire.Holiday:
    tz = salon.zone_of_named(session, request.branch_id, caller)
    if request.date.year not in YEARS:
        raise Invalid.field("date", "date_out_of_range", "this is too long ago or too far ahead")
    check_ahead("date", request.date, now.astimezone(tz).date())
    opens, closes = _minutes(request.opens), _minutes(request.closes)
    check_hours_of_day(opens, closes)
    holiday_id = new_id()
    values = {
        "id": holiday_id,
        "branch_id": request.branch_id,
        "day": request.date,
        "name": name_of("name", request.name),
        "opens": opens,
        "closes": closes,
    }
    day = _locked_day(session, request.branch_id, request.date, tz)
    try:
        with session.begin_nested():
            session.execute(insert(holidays).values(values))
    except IntegrityError as error:
        exists = Conflict("holiday_exists", "the branch has a holiday on this date")
        raise refusal_of(error, {"uq_holidays_branch_id_day": exists}) from None
    left = _tell(session, day, tz, now)
    return show_holiday(session, holiday_id, caller, left)


def change_holiday(session: Session, request: wire.ChangeHoliday, caller: Caller, now: datetime) -> wire.Holiday:
    holiday = show_holiday(session, request.id, caller)
    check_version(request.version, holiday.version)
    opens = _minutes(holiday.opens if request.opens is UNSET else request.opens)
    closes = _minutes(holiday.closes if request.closes is UNSET else request.closes)
    check_hours_of_day(opens, closes)
    changes = changes_of(request, "name", "opens", "closes")
    if not changes:
        return holiday
    name = name_of("name", changes.get("name", holiday.name))
    tz = salon.zone_of_named(session, holiday.branch_id, caller)
    day = _locked_day(session, holiday.branch_id, holiday.date, tz)
    values = {"name": name, "opens": opens, "closes": closes}
    change_row(session, holidays, holiday.id, holiday.version, values)
    if (opens, closes) == (_minutes(holiday.opens), _minutes(holiday.closes)):
        return show_holiday(session, holiday.id, caller)
    left = _tell(session, day, tz, now)
    return show_holiday(session, holiday.id, caller, left)


def remove_holiday(session: Session, request: wire.RemoveHoliday, caller: Caller, now: datetime) -> wire.Removed:
    holiday = show_holiday(session, request.id, caller)
    check_version(request.version, holiday.version)
    tz = salon.zone_of_named(session, holiday.branch_id, caller)
    day = _locked_day(session, holiday.branch_id, holiday.date, tz)
    same = (holidays.c.id == holiday.id, holidays.c.version == holiday.version)
    if session.execute(delete(holidays).where(*same)).rowcount == 0:  # type: ignore[attr-defined]
        raise Stale("version_stale", "somebody has changed it since")
    _tell(session, day, tz, now)
    return wire.Removed(holiday.id)


def _minutes(clock: str | None) -> int | None:
    return None if clock is None else minutes_of(clock)


def _locked_day(session: Session, branch_id: UUID, day: date, tz: ZoneInfo) -> Planned:
    """All who are planned for the day; it is kept for them, so that no booking slips in between."""
    masters = planned_on(session, branch_id, day)
    lock(session, [(master, _whole(day, tz)) for master in masters])
    return as_before(session, branch_id, masters, day, day)


def _tell(session: Session, planned: Planned, tz: ZoneInfo, now: datetime) -> tuple[wire.Stranded, ...]:
    """Announce the hours of a day that is not over; the appointments that lie outside of them."""
    if _whole(planned.first, tz).ends <= now or not planned.masters:
        return ()
    tell(session, planned, now)
    return stranded(session, [planned.branch_id], planned.masters, planned.first, planned.last, now)


def _whole(day: date, tz: ZoneInfo) -> Interval:
    return Interval(start_of_day(day, tz), start_of_day(day + timedelta(days=1), tz))

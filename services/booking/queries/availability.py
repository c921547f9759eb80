"""Who could take whom and when: the masters' diaries, and free starts worked out from them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Uuid, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.orm import Session
from sqlalchemy.sql import bindparam

from contracts.booking import Availability, AvailableDay, FindAvailability, Slot
from kernel.caller import Caller
from kernel.errors import NotFound
from kernel.time import Interval, start_of_day
from services.booking.domain.availability import HORIZON, Need, Window, Workday, by_day, free_starts, nearest
from services.booking.domain.diary import Diary, Wish
from services.booking.queries.salon import services_of, zone_of_asked
from services.booking.queries.shifts import check_period
from services.booking.tables import busy, master_services, masters, shifts

LONGEST_WINDOW = timedelta(days=92)
ALTERNATIVES = 5
ALTERNATIVE_DAYS = 7


def find_availability(session: Session, request: FindAvailability, caller: Caller, now: datetime) -> Availability:
    tz = zone_of_asked(session, request.branch_id)
    wishes = _wishes(session, request, public_only=not caller.may("appointments.create"))
    check_period(request.from_, request.to, LONGEST_WINDOW)
    first = max(request.from_, now.astimezone(tz).date())
    last = min(request.to, (now + HORIZON).astimezone(tz).date())
    starts: Mapping[datetime, tuple[UUID, ...]] = {}
    if first <= last:
        starts = _free_starts(session, request.branch_id, wishes, (first, last), tz, now)
    days = by_day(starts, request.from_, request.to, tz)
    return Availability(
        tz.key,
        tuple(AvailableDay(day, tuple(Slot(start, by) for start, by in slots)) for day, slots in days.items()),
    )


def alternatives(
    session: Session,
    branch_id: UUID,
    wishes: Sequence[Wish],
    client_id: UUID | None,
    starts: datetime,
    tz: ZoneInfo,
    now: datetime,
) -> list[dict[str, Any]]:
    """The free starts nearest to `starts`, when the client can come, within a few days."""
    day = starts.astimezone(tz).date()
    days = (max(day - timedelta(days=1), now.astimezone(tz).date()), day + timedelta(days=ALTERNATIVE_DAYS))
    if days[0] > days[1]:
        return []
    window = _window(wishes, days, tz)
    whole = Interval(window.starts, window.ends)
    taken = busy_of(session, [client_id], whole).get(client_id, []) if client_id else []
    free = _free_starts(session, branch_id, wishes, days, tz, now, taken)
    return [
        {"starts": start.astimezone(tz), "master_ids": free[start]} for start in nearest(free, starts, ALTERNATIVES)
    ]


def _free_starts(
    session: Session,
    branch_id: UUID,
    wishes: Sequence[Wish],
    days: tuple[date, date],
    tz: ZoneInfo,
    now: datetime,
    taken: Iterable[Interval] = (),
) -> dict[datetime, tuple[UUID, ...]]:
    window = _window(wishes, days, tz)
    diaries = diaries_of(session, branch_id, wishes, Interval(window.starts, window.ends))
    workdays = {
        master: Workday(
            {
                place
                for place, wish in enumerate(wishes)
                if (wish.master_id or master) == master and wish.service_id in diary.service_ids
            },
            diary.shifts,
            diary.busy,
        )
        for master, diary in diaries.items()
    }
    return free_starts([wish.need for wish in wishes], workdays, window, now, taken)


def _window(wishes: Sequence[Wish], days: tuple[date, date], tz: ZoneInfo) -> Window:
    """The days, and what a visit reaches beyond them: it may end after midnight, and be prepared before."""
    before = timedelta(minutes=wishes[0].need.before)
    reach = timedelta(minutes=sum(wish.need.duration for wish in wishes) + max(wish.need.after for wish in wishes))
    return Window(start_of_day(days[0], tz) - before, start_of_day(days[1] + timedelta(days=1), tz) + reach)


def _wishes(session: Session, request: FindAvailability, *, public_only: bool) -> list[Wish]:
    rows = services_of(session, request.service_id)
    wishes = []
    for service_id in request.service_id:
        row = rows.get(service_id)
        if row is None or (public_only and not (row.bookable_online and row.active)):
            raise NotFound("service_not_found", "there is no such service")
        wishes.append(Wish(service_id, need_of(row), row.price, request.master_id))
    master = select(masters.c.id).where(masters.c.id == request.master_id)
    if request.master_id and session.execute(master).one_or_none() is None:
        raise NotFound("master_not_found", "there is no such master")
    return wishes


def need_of(service: Row[Any]) -> Need:
    return Need(service.duration_minutes, service.buffer_before_minutes, service.buffer_after_minutes)


# --- diaries --------------------------------------------------------------------------------------------------------


def diaries_of(
    session: Session, branch_id: UUID, wishes: Sequence[Wish], during: Interval, besides: UUID | None = None
) -> dict[UUID, Diary]:
    """The diaries, `during` that time, of the active masters at work in the branch who may take a part of `wishes`.

    `besides` is an appointment that does not count, because it is about to move.
    """
    asked = {wish.master_id for wish in wishes if wish.master_id}
    open_services = {wish.service_id for wish in wishes if not wish.master_id}
    able = select(master_services.c.master_id).where(master_services.c.service_id.in_(open_services))
    query = (
        select(shifts.c.master_id, shifts.c.starts_at, shifts.c.ends_at)
        .join(masters, masters.c.id == shifts.c.master_id)
        .where(
            shifts.c.branch_id == branch_id,
            shifts.c.ends_at > during.starts,
            shifts.c.starts_at < during.ends,
            masters.c.active,
            or_(masters.c.id.in_(asked), masters.c.id.in_(able)),
        )
        .order_by(shifts.c.starts_at)
    )
    at_work: dict[UUID, list[Interval]] = {}
    for master_id, starts, ends in session.execute(query):
        at_work.setdefault(master_id, []).append(Interval(starts, ends))
    renders = _renders(session, at_work, {wish.service_id for wish in wishes})
    taken = busy_of(session, at_work, during, besides)
    return {
        master: Diary(renders.get(master, frozenset()), worked, taken.get(master, ()))
        for master, worked in at_work.items()
    }


def _renders(session: Session, ids: Collection[UUID], service_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    query = select(master_services.c.master_id, master_services.c.service_id).where(
        master_services.c.master_id.in_(list(ids)), master_services.c.service_id.in_(service_ids)
    )
    renders: dict[UUID, set[UUID]] = {}
    for master_id, service_id in session.execute(query):
        renders.setdefault(master_id, set()).add(service_id)
    return renders


def busy_of(
    session: Session, ids: Collection[UUID], during: Interval, besides: UUID | None = None
) -> dict[UUID, list[Interval]]:
    """When each of `ids` (masters, clients) is busy `during` that time."""
    if not ids:
        return {}
    # A join, one probe of the index for each: a GiST index does not know `= ANY`.
    wanted = func.unnest(bindparam("ids", list(ids), type_=ARRAY(Uuid))).table_valued("id").render_derived("wanted")
    query = select(busy.c.resource_id, func.lower(busy.c.during), func.upper(busy.c.during)).where(
        busy.c.resource_id == wanted.c.id, busy.c.during.overlaps(Range(during.starts, during.ends))
    )
    if besides:
        query = query.where(busy.c.appointment_id != besides)
    taken: dict[UUID, list[Interval]] = {}
    for resource_id, starts, ends in session.execute(query):
        taken.setdefault(resource_id, []).append(Interval(starts, ends))
    return taken

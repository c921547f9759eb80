"""Free starts: what can be booked when, for those who look and for those whose time was taken."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.booking import Availability, AvailableDay, FindAvailability, SearchAvailability, Slot
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from kernel.time import Interval, start_of_day
from services.booking.domain.availability import by_day, free_starts, nearest
from services.booking.domain.window import Window
from services.booking.domain.wish import Wish
from services.booking.queries.catalogue import Catalogue, by_catalogue, catalogue, remembered
from services.booking.queries.diaries import units_wanted
from services.booking.queries.limits import limits_in
from services.booking.queries.sharing import Once, Shared
from services.booking.queries.shifts import check_period
from services.booking.queries.times import Times, taken_of, times_of
from services.booking.tables import group_events

LONGEST_WINDOW = timedelta(days=92)
LONGEST_AT_ONCE = timedelta(days=31)  # where two begin together: those are looked for start by start
ALTERNATIVES = 5
ALTERNATIVE_DAYS = 7
INSTANT = timedelta(microseconds=1)

Starts = dict[datetime, tuple[UUID, ...]]


def find_availability(session: Session, request: FindAvailability, caller: Caller, now: datetime) -> Availability:
    """Free starts for the services of a query; what it names and is not there, or not for the caller, is not found."""
    online = not is_staff(caller)
    return by_catalogue(session, lambda known: _find(session, known, request, now, online=online))


def search_availability(
    session: Session, request: SearchAvailability, wishes: Sequence[Wish], caller: Caller, now: datetime
) -> Availability:
    """Free starts for the whole visit of a body, resolved to `wishes` already."""
    at_once = any(wish.parallel for wish in wishes)
    check_period(request.from_, request.to, LONGEST_AT_ONCE if at_once else LONGEST_WINDOW)
    period = _Period(request.branch_id, request.from_, request.to, online=not is_staff(caller))
    return by_catalogue(session, lambda known: _availability(session, known, period, wishes, now))


def is_staff(caller: Caller) -> bool:
    """Whether the caller books for others, and is not bound by what clients are."""
    staff = (Reach.CHAIN, Reach.BRANCHES)
    rights = ("appointments.create", "appointments.edit")
    return caller.kind == "service" or any(caller.reach(right) in staff for right in rights)


@dataclass(frozen=True, slots=True)
class _Period:
    """Where and between which dates somebody looks; `online` is bound by the lead time."""

    branch_id: UUID
    first: date
    last: date
    online: bool


def _find(
    session: Session, known: Catalogue, request: FindAvailability, now: datetime, *, online: bool
) -> Availability:
    if request.branch_id not in known.branches:
        raise NotFound("branch_not_found", "there is no such branch")
    wishes = [_wish(known, request, service_id, online=online) for service_id in request.service_id]
    if request.master_id and request.master_id not in known.masters:
        raise NotFound("master_not_found", "there is no such master")
    check_period(request.from_, request.to, LONGEST_WINDOW)
    period = _Period(request.branch_id, request.from_, request.to, online)
    return _availability(session, known, period, wishes, now)


def _wish(known: Catalogue, request: FindAvailability, service_id: UUID, *, online: bool) -> Wish:
    service = known.services.get(service_id)
    if service is None or (online and not (service.bookable_online and service.active)):
        raise NotFound("service_not_found", "there is no such service")
    needs = {}
    if service.active and service.offered_in(request.branch_id):
        asked = (request.master_id,) if request.master_id else known.renderers.get(service_id, ())
        needs = {
            master_id: known.need(service_id, master_id, request.branch_id)
            for master_id in asked
            if _takes(known, master_id, service_id, online=online)
        }
    return Wish(service_id, needs, service.room_kinds)


def _takes(known: Catalogue, master_id: UUID, service_id: UUID, *, online: bool) -> bool:
    master = known.masters.get(master_id)
    return (
        master is not None and master.active and service_id in master.renders and (master.bookable_online or not online)
    )


def _availability(
    session: Session, known: Catalogue, period: _Period, wishes: Sequence[Wish], now: datetime
) -> Availability:
    tz = known.branches[period.branch_id].tz
    limits = limits_in(known, period.branch_id, [wish.service_id for wish in wishes])
    first = max(period.first, now.astimezone(tz).date())
    last = min(period.last, (now + limits.horizon).astimezone(tz).date())
    after = max(now, now + limits.lead - INSTANT) if period.online else now
    if first > last:
        return _shown({}, period, tz)
    if any(known.services[wish.service_id].capacity > 1 for wish in wishes):
        return _shown_groups(session, period, wishes, (first, last), after, tz)
    found = _starts(session, known, period.branch_id, wishes, (first, last), tz, now, after=after)
    return _shown(found[1], period, tz)


def _shown(starts: Starts, period: _Period, tz: ZoneInfo) -> Availability:
    days = by_day(starts, period.first, period.last, tz)
    return Availability(
        tz.key,
        tuple(AvailableDay(day, tuple(Slot(start, by) for start, by in slots)) for day, slots in days.items()),
    )


def _shown_groups(
    session: Session, period: _Period, wishes: Sequence[Wish], days: tuple[date, date], after: datetime, tz: ZoneInfo
) -> Availability:
    """A group service is booked by joining one of its events, alone."""
    events = group_events.c
    query = (
        select(events.starts, events.master_id, events.places_left)
        .where(
            events.branch_id == period.branch_id,
            events.service_id == wishes[0].service_id,
            events.status == "planned",
            events.places_left > 0,
            events.starts >= start_of_day(days[0], tz),
            events.starts < start_of_day(days[1] + timedelta(days=1), tz),
            events.starts > after,
        )
        .order_by(events.starts, events.id)
    )
    rows = session.execute(query).all() if len(wishes) == 1 else []
    slots: dict[date, list[Slot]] = {}
    for row in rows:
        if row.master_id in wishes[0].needs:
            starts = row.starts.astimezone(tz)
            slots.setdefault(starts.date(), []).append(Slot(starts, (row.master_id,), row.places_left))
    empty = by_day({}, period.first, period.last, tz)
    return Availability(tz.key, tuple(AvailableDay(day, tuple(slots.get(day, ()))) for day in empty))


# --- for those who book ---------------------------------------------------------------------------------------------


def free_starts_of(
    session: Session,
    branch_id: UUID,
    wishes: Sequence[Wish],
    first: date,
    last: date,
    tz: ZoneInfo,
    now: datetime,
    taken: Iterable[Interval] = (),
    besides: Collection[UUID] = frozenset(),
) -> Starts:
    """When a visit of `wishes` can begin on the dates `first` to `last`, in order, and with whom.

    `taken` is when the client cannot come; `besides` are appointments and holds that do not count.
    """
    return _starts_now(session, branch_id, wishes, (first, last), tz, now, taken, besides)[1]


def alternatives(
    session: Session,
    branch_id: UUID,
    wishes: Sequence[Wish],
    client_id: UUID | None,
    starts: datetime,
    tz: ZoneInfo,
    now: datetime,
    besides: Collection[UUID] = frozenset(),
    soonest: datetime | None = None,
) -> list[dict[str, Any]]:
    """The free starts nearest to `starts`, when the client can come, within a few days and the horizon.

    Clients get none before `soonest`: they could not have it.
    """
    known = remembered(session) or catalogue(session)  # the diaries are read with the version that holds
    soonest = soonest or now
    horizon = limits_in(known, branch_id, [wish.service_id for wish in wishes]).horizon
    day = starts.astimezone(tz).date()
    first = max(day - timedelta(days=1), now.astimezone(tz).date())
    last = min(day + timedelta(days=ALTERNATIVE_DAYS), (now + horizon).astimezone(tz).date())
    if first > last or not all(wish.needs for wish in wishes):
        return []
    taken = taken_of(session, client_id, _window(wishes, (first, last), tz), now, besides) if client_id else []
    if taken or besides:
        free = free_starts_of(session, branch_id, wishes, first, last, tz, now, taken, besides)
    else:
        what = tuple((wish.service_id, *wish.needs.items(), wish.room_id, wish.parallel) for wish in wishes)
        free = _shared.get(
            (known.version, branch_id, what, first, last),
            now,
            lambda: _starts_of_state(session, branch_id, wishes, what, (first, last), tz, now),
        )
    others = nearest((each for each in free if now < each != starts and each >= soonest), starts, ALTERNATIVES)
    return [{"starts": start.astimezone(tz), "master_ids": free[start]} for start in others]


_shared = Shared[Starts]()
_worked_out = Once[Starts]()


def _starts_of_state(
    session: Session,
    branch_id: UUID,
    wishes: Sequence[Wish],
    what: Hashable,
    days: tuple[date, date],
    tz: ZoneInfo,
    now: datetime,
) -> tuple[datetime, Starts]:
    """All free starts of the days, also those that are over; worked out once for each state of the diaries."""
    window = _window(wishes, days, tz)
    version, times = by_catalogue(
        session, lambda known: (known.version, _times(session, known, branch_id, wishes, window, now))
    )

    def work() -> Starts:
        found = free_starts(wishes, times.masters, times.units, window, window.starts - timedelta(minutes=1))
        return {start: by for start, by in found.items() if _is_on(start.astimezone(tz), days)}

    return times.as_of, _worked_out.get((version, branch_id, what, days, times.said), work)


# --- looking --------------------------------------------------------------------------------------------------------


def _starts_now(
    session: Session,
    branch_id: UUID,
    wishes: Sequence[Wish],
    days: tuple[date, date],
    tz: ZoneInfo,
    now: datetime,
    taken: Iterable[Interval] = (),
    besides: Collection[UUID] = frozenset(),
) -> tuple[datetime, Starts]:
    """As `_starts`, by the catalogue as it is now."""
    return by_catalogue(
        session, lambda known: _starts(session, known, branch_id, wishes, days, tz, now, taken, besides)
    )


def _starts(
    session: Session,
    known: Catalogue,
    branch_id: UUID,
    wishes: Sequence[Wish],
    days: tuple[date, date],
    tz: ZoneInfo,
    now: datetime,
    taken: Iterable[Interval] = (),
    besides: Collection[UUID] = frozenset(),
    *,
    after: datetime | None = None,
) -> tuple[datetime, Starts]:
    """Free starts of the days, after `after` (or now), none of them in the second pass of a fold; and as of when."""
    if not all(wish.needs for wish in wishes):
        return now, {}
    window = _window(wishes, days, tz)
    times = _times(session, known, branch_id, wishes, window, now, besides)
    found = free_starts(wishes, times.masters, times.units, window, after or now, taken)
    return times.as_of, {start: by for start, by in found.items() if _is_on(start.astimezone(tz), days)}


def _times(
    session: Session,
    known: Catalogue,
    branch_id: UUID,
    wishes: Sequence[Wish],
    window: Window,
    now: datetime,
    besides: Collection[UUID] = frozenset(),
) -> Times:
    """What the diaries say of all who could serve the visit."""
    masters = dict.fromkeys(master for wish in wishes for master in wish.needs)
    units = units_wanted(known, branch_id, wishes)
    return times_of(session, known, branch_id, window, list(masters), list(units), now, besides)


def _is_on(local: datetime, days: tuple[date, date]) -> bool:
    return days[0] <= local.date() <= days[1] and not local.fold


def _window(wishes: Sequence[Wish], days: tuple[date, date], tz: ZoneInfo) -> Window:
    """The days, and what a visit reaches beyond them: it may end after midnight, and be prepared before."""
    needs = [need for wish in wishes for need in wish.needs.values()]
    before = timedelta(minutes=max(need.before for need in needs))
    length = sum(max(need.duration for need in wish.needs.values()) for wish in wishes)
    reach = timedelta(minutes=length + max(need.after for need in needs))
    return Window(start_of_day(days[0], tz) - before, start_of_day(days[1] + timedelta(days=1), tz) + reach)

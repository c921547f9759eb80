"""Group events: read as the rules know them, shown as the contract says."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta
from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts import booking as wire
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from kernel.time import Interval, zone
from services.booking.domain.appointment import OPEN, Status
from services.booking.domain.groups import PLANNED, GroupEvent, need_from
from services.booking.queries.appointments import Kept, kept
from services.booking.queries.reach import in_branches
from services.booking.queries.salon import must_be_theirs, zone_of_asked
from services.booking.queries.shifts import check_period
from services.booking.tables import appointments, branches, busy, group_events, masters

FIRST, LAST = date(1900, 1, 1), date(2200, 1, 1)  # no event lies beyond; a day more would overflow
SORT_KEY = (Annotated[datetime, Meta(tz=True)], UUID)
ALTERNATIVES = 5
ALTERNATIVE_DAYS = timedelta(days=30)
CONFLICTS = 100
OWNERS = (busy.c.appointment_id, busy.c.hold_id, busy.c.block_id, busy.c.group_event_id)
OWNER = func.coalesce(*OWNERS)


def show_group_event(session: Session, event_id: UUID, caller: Caller, reach: Reach) -> wire.GroupEvent:
    return view(*find_event(session, event_id, caller, reach))


def list_group_events(
    session: Session, request: wire.ListGroupEvents, caller: Caller, reach: Reach
) -> Page[wire.GroupEvent]:
    """In order of their start."""
    if request.branch_id:
        if reach is not Reach.OWN:
            must_be_theirs(request.branch_id, caller)
        zone_of_asked(session, request.branch_id)
    check_period(request.from_, request.to)
    query = _query().where(_seen(caller, reach), *_asked(request))
    if request.cursor:
        after = decode_cursor(request.cursor, *SORT_KEY)
        query = query.where(tuple_(group_events.c.starts, group_events.c.id) > tuple_(*after))
    query = query.order_by(group_events.c.starts, group_events.c.id).limit(request.limit + 1)
    rows = session.execute(query).all()
    shown = [view(event_of(row), zone(row.time_zone)) for row in rows[: request.limit]]
    following = None
    if len(rows) > request.limit:
        following = encode_cursor(rows[request.limit - 1].starts, rows[request.limit - 1].id)
    return Page(tuple(shown), following)


def _asked(request: wire.ListGroupEvents) -> Iterable[ColumnElement[bool]]:
    """The filters of a list. The day is the branch's own, so the index by instants is asked for a little more."""
    day = func.date(func.timezone(branches.c.time_zone, group_events.c.starts))
    if request.branch_id:
        yield group_events.c.branch_id == request.branch_id
    if request.from_:
        yield day >= request.from_
        yield group_events.c.starts >= _midnight(request.from_) - timedelta(days=1)
    if request.to:
        yield day <= request.to
        yield group_events.c.starts < _midnight(request.to) + timedelta(days=2)


def _midnight(day: date) -> datetime:
    return datetime.combine(min(max(day, FIRST), LAST), time(), UTC)


def _seen(caller: Caller, reach: Reach) -> ColumnElement[bool]:
    """Events of the caller's branches; with `.own` those that the caller gives."""
    if reach is not Reach.OWN:
        return in_branches(group_events.c.branch_id, caller)
    mine = (masters.c.id == group_events.c.master_id) & (masters.c.user_id == caller.id)
    return exists(select(masters.c.id).where(mine))


def _query() -> Select[Any]:
    return select(group_events, branches.c.time_zone).join(branches, branches.c.id == group_events.c.branch_id)


def find_event(
    session: Session, event_id: UUID, caller: Caller, reach: Reach, *, to_change: bool = False
) -> tuple[GroupEvent, ZoneInfo]:
    """The event and its zone, if the caller may reach it; `to_change` holds it until the end of the transaction."""
    query = _query().where(group_events.c.id == event_id, _seen(caller, reach))
    if to_change:
        query = query.with_for_update(of=group_events)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("group_event_not_found", "there is no such group event")
    return event_of(row), zone(row.time_zone)


def event_of(row: Row[Any]) -> GroupEvent:
    duration = int((row.ends - row.starts).total_seconds()) // 60
    return GroupEvent(
        id=row.id,
        branch_id=row.branch_id,
        service_id=row.service_id,
        master_id=row.master_id,
        unit_ids=tuple(row.unit_ids),
        starts=row.starts,
        need=need_from(duration, row.phases, row.before, row.after, row.price),
        service_version=row.service_version,
        cost=row.cost,
        currency=row.currency,
        capacity=row.capacity,
        places_left=row.places_left,
        status=row.status,
        version=row.version,
    )


def view(event: GroupEvent, tz: ZoneInfo) -> wire.GroupEvent:
    return wire.GroupEvent(
        id=event.id,
        branch_id=event.branch_id,
        service_id=event.service_id,
        master_id=event.master_id,
        room_id=event.unit_ids[0] if event.unit_ids else None,
        starts=event.work.starts.astimezone(tz),
        ends=event.work.ends.astimezone(tz),
        capacity=event.capacity,
        places_left=event.places_left,
        status=event.status,  # type: ignore[arg-type]
        version=event.version,
    )


# --- for those who join ---------------------------------------------------------------------------------------------


def events_at(session: Session, branch_id: UUID, service_id: UUID, starts: datetime) -> list[GroupEvent]:
    """The planned events of the service that begin then, the emptiest first."""
    query = _query().where(
        group_events.c.branch_id == branch_id,
        group_events.c.service_id == service_id,
        group_events.c.starts == starts,
        group_events.c.status == PLANNED,
    )
    rows = session.execute(query.order_by(group_events.c.places_left.desc(), group_events.c.id))
    return [event_of(row) for row in rows]


def event_named(session: Session, event_id: UUID, branch_id: UUID) -> GroupEvent | None:
    """The event of that id in the branch, planned or not."""
    query = _query().where(group_events.c.id == event_id, group_events.c.branch_id == branch_id)
    row = session.execute(query).one_or_none()
    return event_of(row) if row else None


def other_events(
    session: Session, branch_id: UUID, service_id: UUID, starts: datetime, now: datetime
) -> list[dict[str, Any]]:
    """The events of the service with places that are nearest to `starts`, as alternatives of a refusal."""
    query = _query().where(
        group_events.c.branch_id == branch_id,
        group_events.c.service_id == service_id,
        group_events.c.starts > max(now, starts - ALTERNATIVE_DAYS),
        group_events.c.starts < starts + ALTERNATIVE_DAYS,
        group_events.c.status == PLANNED,
        group_events.c.places_left > 0,
    )
    rows = sorted(session.execute(query), key=lambda row: (abs(row.starts - starts), row.starts, row.id))
    nearest = sorted(rows[:ALTERNATIVES], key=lambda row: row.starts)
    return [{"starts": row.starts.astimezone(zone(row.time_zone)), "master_ids": [row.master_id]} for row in nearest]


# --- for those who change an event ----------------------------------------------------------------------------------


HERE = [*(status.value for status in OPEN), Status.COMPLETED.value]  # neither cancelled nor stayed away


def participants(session: Session, event_id: UUID) -> list[Kept]:
    """Those who joined and are still in it, held until the end in the order of their ids."""
    theirs = (appointments.c.group_event_id == event_id, appointments.c.status.in_(HERE))
    query = select(appointments, branches.c.time_zone).join(branches, branches.c.id == appointments.c.branch_id)
    return kept(session, query.where(*theirs).order_by(appointments.c.id).with_for_update(of=appointments))


def participant_ids(session: Session, event_id: UUID) -> set[UUID]:
    theirs = (appointments.c.group_event_id == event_id, appointments.c.status.in_(HERE))
    return set(session.scalars(select(appointments.c.id).where(*theirs)))


def in_the_way(
    session: Session,
    resource_ids: Collection[UUID],
    during: Interval,
    besides: Collection[UUID],
    now: datetime,
    tz: ZoneInfo,
) -> list[dict[str, Any]]:
    """What keeps any of these busy then, as conflicts of a refusal in `tz`; `besides` are owners that give way."""
    starts, ends = func.lower(busy.c.during), func.upper(busy.c.during)
    query = select(*OWNERS, starts.label("starts"), ends.label("ends")).where(
        busy.c.resource_id.in_(resource_ids),
        busy.c.during.overlaps(Range(during.starts, during.ends)),
        OWNER.not_in(besides),
        or_(busy.c.expires_at.is_(None), busy.c.expires_at > now),
    )
    rows = session.execute(query.order_by(starts, busy.c.id).limit(CONFLICTS)).mappings()
    return [
        {owner.name: row[owner.name] for owner in OWNERS if row[owner.name]}
        | {"starts": row["starts"].astimezone(tz), "ends": row["ends"].astimezone(tz)}
        for row in rows
    ]


def busy_among(
    session: Session, client_ids: Collection[UUID], during: Interval, besides: Collection[UUID], now: datetime
) -> set[UUID]:
    """Those of the clients who are somewhere else then."""
    query = select(busy.c.resource_id).where(
        busy.c.resource_id.in_(client_ids),
        busy.c.during.overlaps(Range(during.starts, during.ends)),
        OWNER.not_in(besides),
        or_(busy.c.expires_at.is_(None), busy.c.expires_at > now),
    )
    return set(session.scalars(query))

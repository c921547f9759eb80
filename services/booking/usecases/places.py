"""The places of group events: whoever books a group service takes one, whoever cancels or moves away gives it back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kernel.errors import Conflict, Invalid
from services.booking.domain.diary import client_busy
from services.booking.domain.groups import PLANNED, GroupEvent
from services.booking.domain.wish import Placed, Wish
from services.booking.queries.catalogue import Outdated, by_catalogue, catalogue, remembered
from services.booking.queries.diaries import Asked, look, occupied_by
from services.booking.queries.groups import event_named, events_at, other_events
from services.booking.tables import group_events
from services.booking.usecases.diary import Visit, arrange, lock


def settle(
    session: Session,
    visit: Visit,
    now: datetime,
    *,
    event_id: UUID | None = None,
    leaving: UUID | None = None,
    as_promised: bool = False,
) -> tuple[UUID | None, tuple[Placed, ...]]:
    """Arrange the visit, or let it join a group event if that is what it is for: the event's id, and where it lies.

    `event_id` is the event that was asked for, `leaving` the one whose place it gives back. `as_promised` keeps the
    price of the wish and asks for no master: who moves comes to whoever gives the class then.
    """
    if not joins(session, visit.wishes, event_id):
        if leaving:
            give_back(session, leaving)
        return None, arrange(session, visit, now)
    if visit.known and visit.known is not catalogue(session):
        raise Outdated
    events = _events(session, visit, event_id, any_master=as_promised)
    if not events:
        raise _refusal(session, visit, now, "no_group_event", "no group event is planned for this time")
    joined = _take_one(session, events, leaving)
    if joined is None:
        raise _full(session, visit, now)
    price = next(iter(visit.wishes[0].needs.values())).price if as_promised else None
    seat = joined.seat(price)
    _check_client_free(session, visit, seat, now)
    return joined.id, (seat,)


def joins(session: Session, wishes: Sequence[Wish], event_id: UUID | None = None) -> bool:
    """Whether this is for a group event; `resolve` has seen to it that a group service is booked alone."""
    services = (remembered(session) or catalogue(session)).services  # out of which the wishes were just made
    group = any(services[wish.service_id].capacity > 1 for wish in wishes)
    if event_id and not group:
        raise Invalid.field("group_event_id", "group_event_differs", "this event is of another service")
    return group


def _events(session: Session, visit: Visit, event_id: UUID | None, *, any_master: bool) -> list[GroupEvent]:
    """Those that could be joined then, the emptiest first; or the one that was named, if it fits."""
    (wish,) = visit.wishes
    if event_id is None:
        events = events_at(session, visit.branch_id, wish.service_id, visit.starts)
        return [event for event in events if any_master or event.master_id in wish.needs]
    event = event_named(session, event_id, visit.branch_id)
    if event is None:
        raise Invalid.field("group_event_id", "group_event_unknown", "there is no such group event")
    if event.starts != visit.starts or event.service_id != wish.service_id:
        raise Invalid.field("group_event_id", "group_event_differs", "this event is of another time or service")
    return [event] if event.status == PLANNED else []


def _take_one(session: Session, events: Sequence[GroupEvent], leaving: UUID | None) -> GroupEvent | None:
    """The first of `events` that has a place, which is taken now; the place in `leaving` is given back."""
    if leaving:
        if any(event.id == leaving for event in events):
            return next(event for event in events if event.id == leaving)
        hold_events(session, [leaving, *(event.id for event in events)])
    for event in events:
        if take_place(session, event.id):
            if leaving:
                give_back(session, leaving)
            return event
    return None


def hold_events(session: Session, ids: Collection[UUID]) -> None:
    """Keep these events as they are until the end, in one order: two who change places would wait for each other."""
    session.execute(
        select(group_events.c.id).where(group_events.c.id.in_(ids)).order_by(group_events.c.id).with_for_update()
    )


def take_place(session: Session, event_id: UUID) -> bool:
    """Count one place down on the event's own row; whether there was one."""
    free = (group_events.c.id == event_id, group_events.c.status == PLANNED, group_events.c.places_left > 0)
    taken = update(group_events).where(*free).values(places_left=group_events.c.places_left - 1)
    return session.execute(taken.returning(group_events.c.id)).one_or_none() is not None


def give_back(session: Session, event_id: UUID) -> None:
    given = update(group_events).where(group_events.c.id == event_id)
    session.execute(given.values(places_left=group_events.c.places_left + 1))


def _check_client_free(session: Session, visit: Visit, seat: Placed, now: datetime) -> None:
    if visit.client_id is None:
        return
    lock(session, [(visit.client_id, seat.work), *occupied_by(session, visit.besides)])
    asked = Asked(visit.branch_id, seat.work, (), client_id=visit.client_id, besides=visit.besides)
    seen = by_catalogue(session, lambda known: look(session, known, asked, now))
    if not visit.overlap and seen.client:
        raise _full(session, visit, now) if visit.stranger else client_busy()


def _full(session: Session, visit: Visit, now: datetime) -> Conflict:
    return _refusal(session, visit, now, "group_full", "all places of this group event are taken")


def _refusal(session: Session, visit: Visit, now: datetime, code: str, message: str) -> Conflict:
    (wish,) = visit.wishes
    others = other_events(session, visit.branch_id, wish.service_id, visit.starts, visit.soonest or now)
    return Conflict(code, message, alternatives=others)

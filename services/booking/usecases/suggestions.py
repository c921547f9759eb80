"""Suggestions for a known client: put together of their past visits, their wishes and the time that is free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from contracts import booking as wire
from kernel.caller import Caller, Reach
from kernel.errors import Invalid, NotFound
from kernel.money import Money
from kernel.time import Interval, start_of_day
from services.booking.domain.suggestions import (
    Due,
    Habits,
    Past,
    Times,
    days_to_look_at,
    due,
    gaps_beside,
    masters_of,
    offers,
)
from services.booking.domain.wish import Wish
from services.booking.queries.availability import LONGEST_WINDOW, free_starts_of, search_availability
from services.booking.queries.catalogue import Catalogue, MasterEntry, ServiceEntry, by_catalogue, catalogue
from services.booking.queries.diaries import Asked as Around
from services.booking.queries.diaries import look
from services.booking.queries.limits import limits_in
from services.booking.queries.salon import must_be_theirs, zone_of_asked
from services.booking.queries.shifts import check_period
from services.booking.queries.suggestions import at_work, past_visits
from services.booking.usecases.asking import Asked, check_client
from services.booking.usecases.resolve import is_client, resolve

MOST_SERVICES = 10  # of a visit, and of what is due


@dataclass(frozen=True, slots=True)
class Known:
    """What is known when something is to be suggested: the client's `visits`, last first, and what may be booked.

    `services` are those that the branch offers the caller, `here` the client's masters who can be booked there.
    """

    salon: Catalogue
    branch_id: UUID
    tz: ZoneInfo
    visits: Sequence[Past]
    services: frozenset[UUID]
    here: frozenset[UUID]

    def renders(self, master_id: UUID, service_id: UUID) -> bool:
        return master_id in self.here and service_id in self.salon.masters[master_id].renders


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks for what, and when; `asked` is what clients said of the client."""

    request: wire.SuggestVisit
    caller: Caller
    asked: Asked
    now: datetime


def suggest(session: Session, question: Question) -> wire.Suggestions:
    """What to offer the client in the branch; their visits count wherever they were, if the caller may see them."""
    request, favourite = question.request, question.asked.favourite_master_id
    known = _known(session, question, _allowed(session, question))
    masters = masters_of(known.visits, favourite, known.here)
    last = _last_visit(known)
    dues = due(known.visits, {id_: known.salon.services[id_].repeat_days for id_ in known.services})
    wanted = request.service_id or (tuple(part.service_id for part in last.segments) if last else ())
    due_on = min((each.on for each in dues if each.service_id in wanted), default=None)
    return wire.Suggestions(
        client_id=request.client_id,
        masters=tuple(
            wire.SuggestedMaster(id_, "favourite" if id_ == favourite else "usual", visits) for id_, visits in masters
        ),
        last_visit=last,
        next_visits=tuple(_next_visit(known, each) for each in dues[:MOST_SERVICES]),
        slots=_slots(session, question, known, wanted, [id_ for id_, _ in masters], due_on) if wanted else (),
    )


def _allowed(session: Session, question: Question) -> ZoneInfo:
    """The zone of the branch, if the caller may ask for this client there."""
    request, caller = question.request, question.caller
    own = caller.must("appointments.create") is Reach.OWN
    if own and request.client_id != caller.client_id:
        raise Invalid.field("client_id", "client_unknown", "there is no such client")
    tz = zone_of_asked(session, request.branch_id)
    if not own:
        must_be_theirs(request.branch_id, caller)
    check_period(request.from_, request.to, LONGEST_WINDOW)
    check_client(session, request.client_id, question.asked, caller)
    return tz


def _known(session: Session, question: Question, tz: ZoneInfo) -> Known:
    request, salon = question.request, catalogue(session)
    online = is_client(question.caller)

    def shown(entry: ServiceEntry | MasterEntry | None) -> bool:
        return entry is not None and (entry.bookable_online or not online)

    if not all(shown(salon.services.get(id_)) for id_ in request.service_id):
        raise NotFound("service_not_found", "there is no such service")
    own = question.caller.must("appointments.create") is Reach.OWN
    seen = None if own or question.caller.everywhere else question.caller.branch_ids
    visits = past_visits(session, salon, request.client_id, seen)
    services = frozenset(
        service.id
        for service in salon.services.values()
        if service.active and service.offered_in(request.branch_id) and shown(service)
    )
    theirs = {master for visit in visits for _, master in visit.segments}
    if question.asked.favourite_master_id:
        theirs.add(question.asked.favourite_master_id)
    masters = [salon.masters[id_] for id_ in theirs if shown(salon.masters.get(id_)) and salon.masters[id_].active]
    here = at_work(session, request.branch_id, [master.id for master in masters], question.now)
    return Known(salon, request.branch_id, tz, visits, services, frozenset(here))


# --- what they had ---------------------------------------------------------------------------------------------------


def _last_visit(known: Known) -> wire.LastVisit | None:
    """The last visit of which something can still be booked, with that; a group is not joined at any time one likes."""
    for visit in known.visits:
        had = [
            (service, master if known.renders(master, service) else None)
            for service, master in visit.segments
            if service in known.services and known.salon.services[service].capacity == 1
        ][:MOST_SERVICES]
        if had:
            segments = tuple(
                wire.RepeatSegment(service, master, _money(known, _price(known, service, master)))
                for service, master in had
            )
            total = _money(known, sum(segment.price.amount for segment in segments))
            return wire.LastVisit(visit.id, visit.starts, segments, total)
    return None


def _price(known: Known, service_id: UUID, master_id: UUID | None) -> int:
    """Today's, in this branch."""
    if master_id:
        return known.salon.need(service_id, master_id, known.branch_id).price
    service = known.salon.services[service_id]
    here = service.prices.get(known.branch_id)
    return service.price if here is None or here.price is None else here.price


def _money(known: Known, amount: int) -> Money:
    assert known.salon.currency  # whoever had a service paid in it
    return Money(amount, known.salon.currency)


def _next_visit(known: Known, each: Due) -> wire.NextVisit:
    return wire.NextVisit(
        each.service_id,
        each.on,
        each.days,
        "personal" if each.personal else "service",
        each.master_id if known.renders(each.master_id, each.service_id) else None,
    )


# --- when they could come --------------------------------------------------------------------------------------------


def _slots(
    session: Session,
    question: Question,
    known: Known,
    wanted: Sequence[UUID],
    theirs: Sequence[UUID],
    due_on: date | None,
) -> tuple[wire.SuggestedSlot, ...]:
    """The free starts of a visit of the services that are wanted, best first."""
    request, now = question.request, question.now
    try:
        wishes = resolve(session, known.branch_id, [wire.WantedSegment(id_) for id_ in wanted], question.caller)
    except Invalid:  # what the branch cannot do has no free times
        return ()
    limits = limits_in(known.salon, known.branch_id, wanted)
    first, last = _days(request, due_on, now.astimezone(known.tz).date())
    last = min(last, (now + limits.horizon).astimezone(known.tz).date())
    if first > last:
        return ()
    during = Interval(start_of_day(first, known.tz), start_of_day(last + timedelta(days=1), known.tz))
    able = {master for wish in wishes for master in wish.needs}
    around = Around(known.branch_id, during, able, client_id=request.client_id)
    seen = by_catalogue(session, lambda salon: look(session, salon, around, now))
    if known.salon.services[wanted[0]].capacity > 1:
        places = _places(session, question, wishes[0], (first, last), seen.client)
        free = {starts: slot.master_ids for starts, slot in places.items()}
    else:
        places = {}
        free = free_starts_of(session, known.branch_id, wishes, first, last, known.tz, now, seen.client)
        if is_client(question.caller):
            free = {starts: ids for starts, ids in free.items() if starts >= now + limits.lead}
    best = offers(free, theirs, _habits(question, known), gaps_beside(free, wishes, seen.diaries), known.tz)
    return tuple(
        wire.SuggestedSlot(
            offer.starts.astimezone(known.tz),
            offer.master_ids,
            places[offer.starts].places if offer.starts in places else None,
            convenient=offer.convenient,
            favourite=offer.favourite,
        )
        for offer in best
    )


def _places(
    session: Session, question: Question, wish: Wish, days: tuple[date, date], taken: Sequence[Interval]
) -> dict[datetime, wire.Slot]:
    """Events of a group service that the client can still join."""
    asked = wire.SearchAvailability(question.request.branch_id, (wire.WantedSegment(wish.service_id),), *days)
    found = search_availability(session, asked, [wish], question.caller, question.now)
    return {
        slot.starts: slot
        for day in found.days
        for slot in day.slots
        if not any(busy.overlaps(wish.needs[slot.master_ids[0]].work(slot.starts)) for busy in taken)
    }


def _habits(question: Question, known: Known) -> Habits:
    return Habits(
        tuple(Times(each.weekday, each.from_, each.to) for each in question.asked.convenient_times),
        tuple(visit.starts for visit in known.visits),
    )


def _days(request: wire.SuggestVisit, due_on: date | None, today: date) -> tuple[date, date]:
    first, to = days_to_look_at(due_on, today)
    if request.from_ is not None or request.to is not None:
        first = request.from_ or min(today, request.to or today)
        to = request.to or first + timedelta(days=14)
    return max(first, today), to

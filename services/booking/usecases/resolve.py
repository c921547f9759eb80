"""From what somebody asks for to what the catalogue says of it: who may render it, on which terms, and the limits."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from contracts import booking as wire
from kernel.caller import Caller, Reach
from kernel.errors import Conflict, Forbidden, Invalid
from services.booking.domain.appointment import Segment, handed_over
from services.booking.domain.wish import MOST_AT_ONCE, Need, Wish, stretched
from services.booking.queries.catalogue import Catalogue, MasterEntry, ServiceEntry, catalogue
from services.booking.queries.limits import limits_in
from services.booking.queries.open_hours import open_of
from services.booking.queries.reach import are_of
from services.booking.queries.salon import masters_of, must_be_theirs

NOTHING: Mapping[int, Wish] = {}


def resolve(
    session: Session,
    branch_id: UUID,
    wanted: Sequence[wire.WantedSegment],
    caller: Caller,
    known: Catalogue | None = None,
    booked: Mapping[int, Wish] = NOTHING,
) -> list[Wish]:
    """What is wanted, on the catalogue's terms; refused where it names what is not there or cannot be.

    At the places of `booked` it is what was promised before, on the terms of then.
    """
    known = known or catalogue(session)
    online = is_client(caller)
    seen = _seen(session, wanted, caller)
    _check_together(wanted)
    wishes = []
    for place, segment in enumerate(wanted):
        field = f"segments.{place}"
        if place in booked and (len(wanted) == 1 or known.services[segment.service_id].capacity == 1):
            if segment.room_id:
                service = known.services[segment.service_id]
                _check_rooms(known, field, segment, service, branch_id)
                _check_work_there(known, field, segment.room_id, booked[place].needs)
            kept = replace(booked[place], room_id=segment.room_id, parallel=segment.parallel)
            wishes.append(_lasting(kept, field, segment, known.services[segment.service_id], online=online))
            continue
        service = _service(known, field, segment, branch_id, online=online)
        if service.capacity > 1 and len(wanted) > 1:
            raise Invalid.field(f"{field}.service_id", "group_service_alone", "a group service is booked alone")
        if segment.master_id:
            needs = _by(known, field, segment.master_id, service, branch_id, seen, online=online)
        else:
            needs = known.needs(service.id, branch_id)
            if online:
                needs = {id_: need for id_, need in needs.items() if known.masters[id_].bookable_online}
        if not needs:
            raise Invalid.field(f"{field}.service_id", "service_without_master", "nobody renders this service")
        _check_rooms(known, field, segment, service, branch_id)
        if segment.room_id:
            _check_work_there(known, field, segment.room_id, needs)
        wish = Wish(
            service_id=service.id,
            needs=needs,
            room_kinds=service.room_kinds,
            room_id=segment.room_id,
            parallel=segment.parallel,
            service_version=service.version,
            cost=service.cost,
        )
        wishes.append(_lasting(wish, field, segment, service, online=online))
    _check_places(known, wanted)
    return wishes


def _lasting(wish: Wish, field: str, segment: wire.WantedSegment, service: ServiceEntry, *, online: bool) -> Wish:
    """The wish for as long as is asked for, if that is said."""
    minutes = segment.duration_minutes
    if minutes is None:
        return wish
    field = f"{field}.duration_minutes"
    if online:
        raise Invalid.field(field, "duration_not_yours", "how long it takes is for the salon to say")
    if service.capacity > 1:
        raise Invalid.field(field, "duration_of_group", "a group service takes as long as its event")
    needs = {master: replace(need, phases=stretched(need.phases, minutes)) for master, need in wish.needs.items()}
    return replace(wish, needs=needs)


def zone_of(known: Catalogue, branch_id: UUID, caller: Caller) -> ZoneInfo:
    """The zone of the branch in which somebody books; clients may do so in any."""
    branch = known.branches.get(branch_id)
    if branch is None:
        raise Invalid.field("branch_id", "branch_unknown", "there is no such branch")
    if not is_client(caller):
        must_be_theirs(branch_id, caller)
    return branch.tz


def check_transfer(
    session: Session,
    before: Iterable[tuple[UUID, UUID | None]],
    after: Iterable[tuple[UUID, UUID | None]],
    caller: Caller,
) -> None:
    """Refuse to give a booked service (service, master) to another master to whoever may not; with `.own` only what is
    the caller's goes to others. Clients change masters of their own visits, and services do what they were asked to.
    """
    lost = handed_over(before, after)
    if not lost or caller.kind == "service" or is_client(caller):
        return
    if caller.must(wire.TRANSFER) is Reach.OWN and not are_of(session, lost, caller):
        raise Forbidden("permission_missing", f"this needs the permission {wire.TRANSFER}")


def is_client(caller: Caller) -> bool:
    """Whether the caller books for themselves, signed in or not: they get what is open to clients, within its limits.

    Services book for whom they were asked to.
    """
    if caller.kind == "service":
        return False
    staff = (Reach.CHAIN, Reach.BRANCHES)
    if caller.reach("appointments.create") in staff or caller.reach("appointments.edit") in staff:
        return False
    return caller.client_id is not None or not caller.may("appointments.edit")


def _seen(session: Session, wanted: Sequence[wire.WantedSegment], caller: Caller) -> frozenset[UUID] | None:
    """Those of the masters named whom the caller sees; None is all. Clients choose from the whole branch."""
    named = [segment.master_id for segment in wanted if segment.master_id]
    if caller.everywhere or not named or is_client(caller) or caller.kind == "service":
        return None
    return frozenset(masters_of(session, named, caller, Reach.BRANCHES))


def _check_together(wanted: Sequence[wire.WantedSegment]) -> None:
    """Two services at once need somebody to begin with, and two masters."""
    if wanted and wanted[0].parallel:
        raise Invalid.field("segments.0.parallel", "parallel_without_first", "there is nothing before it to go along")
    at_once: set[UUID] = set()
    hands = 0
    for place, segment in enumerate(wanted):
        if not segment.parallel:
            at_once, hands = set(), 0
        hands += 1
        if hands > MOST_AT_ONCE:
            raise Invalid.field(f"segments.{place}.parallel", "too_many_at_once", f"at most {MOST_AT_ONCE} at once")
        if segment.master_id in at_once:
            raise Invalid.field(f"segments.{place}.master_id", "master_twice", "nobody renders two services at once")
        if segment.master_id:
            at_once.add(segment.master_id)


def _service(
    known: Catalogue, field: str, segment: wire.WantedSegment, branch_id: UUID, *, online: bool
) -> ServiceEntry:
    field = f"{field}.service_id"
    service = known.services.get(segment.service_id)
    if service is None or (online and not service.bookable_online):
        raise Invalid.field(field, "service_unknown", "there is no such service")
    if not service.active:
        raise Invalid.field(field, "service_inactive", "this service is not offered any more")
    if not service.offered_in(branch_id):
        raise Invalid.field(field, "service_not_offered", "this service is not offered in this branch")
    return service


def _by(
    known: Catalogue,
    field: str,
    master_id: UUID,
    service: ServiceEntry,
    branch_id: UUID,
    seen: frozenset[UUID] | None,
    *,
    online: bool,
) -> dict[UUID, Need]:
    """The terms of the master who is asked for."""
    master: MasterEntry | None = known.masters.get(master_id)
    hidden = seen is not None and master_id not in seen
    if master is None or hidden or not master.active or (online and not master.bookable_online):
        raise Invalid.field(f"{field}.master_id", "master_unknown", "there is no such master")
    if service.id not in master.renders:
        raise Invalid.field(f"{field}.master_id", "master_lacks_service", "the master does not render this")
    return {master_id: known.need(service.id, master_id, branch_id)}


def _check_rooms(
    known: Catalogue, field: str, segment: wire.WantedSegment, service: ServiceEntry, branch_id: UUID
) -> None:
    for kind in service.room_kinds:
        if not any(known.rooms[unit].active for unit in known.rooms_of.get((branch_id, kind), ())):
            raise Invalid.field(f"{field}.service_id", "room_kind_missing", "the branch has no room for this")
    if segment.room_id:
        room = known.rooms.get(segment.room_id)
        if room is None or not room.active or room.branch_id != branch_id:
            raise Invalid.field(f"{field}.room_id", "room_unknown", "there is no such room in this branch")
        if room.kind not in service.room_kinds:
            raise Invalid.field(f"{field}.room_id", "room_of_wrong_kind", "the service does not use such a room")


def again(session: Session, segments: Iterable[Segment]) -> list[Wish]:
    """The same once more, on the terms of when it was booked, by the same masters, in any rooms of the same kinds."""
    known = catalogue(session)
    return [
        Wish(
            service_id=part.service_id,
            needs={part.master_id: part.need},
            room_kinds=tuple(known.rooms[unit].kind for unit in part.unit_ids),
            parallel=part.parallel,
            service_version=part.service_version,
            cost=part.cost,
        )
        for part in segments
    ]


def _check_work_there(known: Catalogue, field: str, room_id: UUID, masters: Iterable[UUID]) -> None:
    """Masters who have rooms of the kind work in no others."""
    room = known.rooms[room_id]
    alike = {unit for unit in known.rooms_of[room.branch_id, room.kind] if known.rooms[unit].active}
    theirs = (known.masters[master].room_ids & alike for master in masters)
    if not any(room_id in own or not own for own in theirs):
        raise Invalid.field(f"{field}.room_id", "room_not_theirs", "who renders this works in other rooms")


def _check_places(known: Catalogue, wanted: Sequence[wire.WantedSegment]) -> None:
    """A room that is named by several at once has a place for each."""
    at_once: Counter[UUID] = Counter()
    for place, segment in enumerate(wanted):
        if not segment.parallel:
            at_once.clear()
        if segment.room_id:
            at_once[segment.room_id] += 1
            if at_once[segment.room_id] > known.rooms[segment.room_id].places:
                message = "the room has not that many places at once"
                raise Invalid.field(f"segments.{place}.room_id", "room_too_small", message)


# --- what never fits ------------------------------------------------------------------------------------------------


@contextmanager
def naming_what_never_fits(session: Session, branch_id: UUID, wishes: Sequence[Wish], now: datetime) -> Iterator[None]:
    """Nobody being at work then is for the time to change; a service that is too long is wrong in itself."""
    try:
        yield
    except Conflict as refusal:
        if refusal.code == "outside_shift":
            check_length(session, branch_id, wishes, now)
        raise


def check_length(session: Session, branch_id: UUID, wishes: Sequence[Wish], now: datetime) -> None:
    """Refuse a service that takes longer, buffers included, than any who may render it ever work at a stretch.

    Counted is all time that can be booked; where nobody works in it yet, nothing is known.
    """
    known = catalogue(session)
    tz = known.branches[branch_id].tz
    limits = limits_in(known, branch_id, [wish.service_id for wish in wishes])
    first, last = (each.astimezone(tz).date() for each in (now, now + limits.horizon))
    open_ = open_of(session, branch_id, {master for wish in wishes for master in wish.needs}, first, last)
    longest = {
        master: max(each.ends - each.starts for each in stretches) for master, stretches in open_.items() if stretches
    }
    for place, wish in enumerate(wishes):
        able = {master: need for master, need in wish.needs.items() if master in longest}
        if able and all(timedelta(minutes=need.whole) > longest[master] for master, need in able.items()):
            message = "this takes longer than anybody who renders it works at a stretch"
            raise Invalid.field(f"segments.{place}.service_id", "longer_than_shift", message)

"""Booking and changing an appointment, by staff and by clients who are signed in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from contracts import booking as wire
from kernel.caller import Caller, Reach
from kernel.errors import Conflict, Invalid
from services.booking.domain.appointment import (
    Appointment,
    Segment,
    check_reason,
    kept_among,
    must_be_open,
    must_keep_its_day,
)
from services.booking.domain.diary import check_cut_off, check_horizon, check_instant, check_lead, check_start
from services.booking.domain.health import weigh
from services.booking.domain.terms import Offer, check_codes, codes_of
from services.booking.domain.wish import Placed, Wish
from services.booking.queries.appointments import Kept, find, view, views
from services.booking.queries.catalogue import Catalogue, by_catalogue, catalogue
from services.booking.queries.health import health_of, sealed_health
from services.booking.queries.limits import limits_in, limits_of
from services.booking.queries.texts import sealed
from services.booking.usecases.appointments import book_visit, history_field, move_visit, seen
from services.booking.usecases.asking import Asked, check_client
from services.booking.usecases.diary import Visit, place
from services.booking.usecases.guard import check_override, insist, weighed
from services.booking.usecases.holds import quoted
from services.booking.usecases.places import joins, settle
from services.booking.usecases.quoting import offer_of
from services.booking.usecases.record import Change, rewrite
from services.booking.usecases.resolve import again, check_transfer, is_client, naming_what_never_fits, resolve, zone_of
from services.booking.usecases.salon import check_version
from services.booking.usecases.showing import accounted
from services.booking.usecases.telling import tell


def book(
    session: Session, keyring: Keyring, request: wire.BookAppointment, caller: Caller, asked: Asked, now: datetime
) -> wire.Appointment:
    """Take the time if it is free, at the discount in force."""
    own = caller.must("appointments.create") is Reach.OWN
    _check_overlap(request, caller)
    check_override(request, caller)
    if own and request.client_id != caller.client_id:
        raise Invalid.field("client_id", "client_unknown", "there is no such client")
    visit, event_id, placed = by_catalogue(
        session, lambda known: _settled(session, known, request, caller, asked, now, own=own)
    )
    services = [wish.service_id for wish in visit.wishes]
    known = visit.known or catalogue(session)
    guarded = insist(
        session, weighed(known, services, asked.checked, request.health_reason), request.client_id, caller, now
    )
    check_codes(request.codes, asked.offer)
    made = book_visit(
        session,
        keyring,
        visit,
        placed,
        caller=caller,
        now=now,
        discount=offer_of(session, request.client_id, request.branch_id, asked.offer, codes_of(request.codes)),
        channel=request.channel,
        comment=request.comment,
        hold_id=request.hold_id,
        group_event_id=event_id,
        overlap_reason=request.overlap_reason,
        weighed=guarded,
    )
    shown = view(made, visit.tz, comment=request.comment or None, health=guarded.at(made.version))
    return accounted(session, shown, caller, now)


def _settled(
    session: Session,
    known: Catalogue,
    request: wire.BookAppointment,
    caller: Caller,
    asked: Asked,
    now: datetime,
    *,
    own: bool,
) -> tuple[Visit, UUID | None, Sequence[Placed]]:
    """The visit that is asked for, the event that it joins, and where it lies."""
    tz = zone_of(known, request.branch_id, replace(caller, everywhere=True) if own else caller)
    check_client(session, request.client_id, asked, caller)
    check_start(request.starts, now)
    quote = quoted(session, known, request, caller, now)
    if not quote.held:  # which was within the limits when it was promised
        check_limits(known, request, quote.wishes, caller, now)
    visit = Visit(
        branch_id=request.branch_id,
        tz=tz,
        client_id=request.client_id,
        starts=request.starts.astimezone(UTC),
        wishes=quote.wishes,
        besides=quote.besides,
        favourite=asked.favourite_master_id,
        overlap=request.overlap_reason is not None,
        soonest=_soonest(known, request.branch_id, quote.wishes, caller, now),
        known=known,
    )
    with naming_what_never_fits(session, visit.branch_id, visit.wishes, now):
        return visit, *settle(session, visit, now, event_id=request.group_event_id)


def _check_overlap(request: wire.BookAppointment | wire.ChangeAppointment, caller: Caller) -> None:
    """Over what is there books who may, and says why."""
    if request.overlap_reason is not None:
        caller.must(wire.OVERLAP)
        check_reason(request.overlap_reason, "overlap_reason")


def check_limits(
    known: Catalogue,
    request: wire.BookAppointment | wire.BookOnline,
    wishes: Sequence[Wish],
    caller: Caller,
    now: datetime,
) -> None:
    """Refuse what lies beyond the horizon, and to clients what is too soon."""
    limits = limits_in(known, request.branch_id, [wish.service_id for wish in wishes])
    check_horizon(request.starts, limits, now, known.branches[request.branch_id].tz)
    if is_client(caller):
        check_lead(request.starts, limits, now)


def _soonest(
    known: Catalogue, branch_id: UUID, wishes: Sequence[Wish], caller: Caller, now: datetime
) -> datetime | None:
    """When the caller may come at the soonest, if they are bound by that."""
    return now + limits_in(known, branch_id, [wish.service_id for wish in wishes]).lead if is_client(caller) else None


# --- changing -------------------------------------------------------------------------------------------------------


def change(
    session: Session,
    keyring: Keyring,
    request: wire.ChangeAppointment,
    caller: Caller,
    asked: Asked,
    now: datetime,
) -> wire.Appointment:
    """Move it, give it other segments, or note something."""
    reach = caller.must("appointments.edit")
    _check_overlap(request, caller)
    check_override(request, caller)
    kept = find(session, request.id, caller, reach, to_change=True)
    old = kept.appointment
    check_version(request.version, old.version)
    texts = {}
    if request.comment is not UNSET:
        texts["comment"] = sealed(keyring, old, "comment", request.comment)
    same = _same(old, request)
    visit = _replanned(session, kept, request, same, caller, now)
    if visit is not None:
        priced_anew = same != old.segments
        if request.segments is not UNSET and not is_client(caller):
            unnamed = [place for place, each in enumerate(request.segments) if same[place] and each.master_id is None]
            visit = _by_anybody(session, visit, unnamed, now)
        wanted = () if request.segments is UNSET else visit.wishes
        with naming_what_never_fits(session, visit.branch_id, wanted, now):
            event_id, placed = settle(session, visit, now, leaving=old.group_event_id, as_promised=not priced_anew)
        before = [(part.service_id, part.master_id) for part in old.segments]
        check_transfer(session, before, [(each.wish.service_id, each.master_id) for each in placed], caller)
        texts |= _guarded(session, keyring, kept, request, [wish.service_id for wish in wanted], asked, caller, now)
        move_visit(
            session,
            keyring,
            kept,
            visit,
            placed,
            caller=caller,
            now=now,
            reason="\n".join(why for why in (request.reason, request.overlap_reason) if why) or None,
            group_event_id=event_id,
            same=same,
            discount=_anew(session, old, asked) if priced_anew else None,
            texts=texts,
        )
    elif texts := texts | _guarded(session, keyring, kept, request, (), asked, caller, now):
        noted = replace(old, version=old.version + 1)
        why = sealed(keyring, noted, history_field(noted), request.reason)
        rewrite(session, old, noted, Change("noted", caller, now, why), **texts)
        tell(session, [noted], ["changed"], now)  # without the text: whoever counts versions misses none
    else:
        return accounted(session, views(keyring, [kept])[0], caller, now)
    return seen(session, keyring, old.id, caller, now)


def _guarded(
    session: Session,
    keyring: Keyring,
    kept: Kept,
    request: wire.ChangeAppointment,
    service_ids: Sequence[UUID],
    asked: Asked,
    caller: Caller,
    now: datetime,
) -> dict[str, bytes | None]:
    """What the guard says from now on, sealed: of other services, or of what was booked if its block is passed over."""
    old = kept.appointment
    before = health_of(keyring, old, kept.health)
    if request.segments is UNSET or old.client_id is None:
        guarded = weigh(before, request.health_reason, before)
        if guarded.reason is None:
            return {}
    else:
        known = catalogue(session)
        said = weighed(known, service_ids, asked.checked, request.health_reason, before)
        guarded = insist(session, said, old.client_id, caller, now)
    return {"health": sealed_health(keyring, old, guarded.at(old.version + 1))}


def _anew(session: Session, old: Appointment, asked: Asked) -> Offer:
    """At what discount other segments are booked."""
    return offer_of(session, old.client_id, old.branch_id, asked.offer, old.bill.terms.codes)


def _same(old: Appointment, request: wire.ChangeAppointment) -> tuple[Segment | None, ...]:
    """Which of the booked segments each of those that are wanted is: it keeps what was promised."""
    if request.segments is UNSET:
        return old.segments
    return kept_among(old.segments, ((each.service_id, each.master_id) for each in request.segments))


def _replanned(
    session: Session,
    kept: Kept,
    request: wire.ChangeAppointment,
    same: Sequence[Segment | None],
    caller: Caller,
    now: datetime,
) -> Visit | None:
    """The visit at its new time or with its new segments; None if both stay."""
    old = kept.appointment
    if request.starts is not UNSET:
        check_instant("starts", request.starts)
    starts = old.starts if request.starts is UNSET else request.starts.astimezone(UTC)
    if request.segments is UNSET and starts == old.starts:
        return None
    if request.segments is UNSET:
        wishes = again(session, old.segments)
    else:
        promised = again(session, [part for part in same if part])
        places = (place for place, part in enumerate(same) if part)
        booked = dict(zip(places, promised, strict=True))
        wishes = resolve(session, old.branch_id, request.segments, caller, booked=booked)
    if not wishes:
        raise Invalid.field("segments", "segments_missing", "say what the client comes for")
    _check_move(session, kept, starts, wishes, caller, now)
    return Visit(
        branch_id=old.branch_id,
        tz=kept.tz,
        client_id=old.client_id,
        starts=starts,
        wishes=wishes,
        besides=frozenset({old.id}),
        overlap=request.overlap_reason is not None,
        soonest=_soonest(catalogue(session), old.branch_id, wishes, caller, now),
    )


def _by_anybody(session: Session, visit: Visit, unnamed: Sequence[int], now: datetime) -> Visit:
    """Where nobody is named, by whom it was booked; if they cannot, by anybody who can, on the terms of then."""
    if not unnamed or joins(session, visit.wishes):
        return visit
    try:
        place(session, visit, now)
    except Conflict:
        known, wishes = catalogue(session), list(visit.wishes)
        for number in unnamed:
            wish = wishes[number]
            (need,) = wish.needs.values()
            anybody = {*wish.needs, *known.needs(wish.service_id, visit.branch_id)}
            wishes[number] = replace(wish, needs=dict.fromkeys(anybody, need))
        return replace(visit, wishes=wishes)
    return visit


def _check_move(
    session: Session, kept: Kept, starts: datetime, wishes: Sequence[Wish], caller: Caller, now: datetime
) -> None:
    old = kept.appointment
    limits = limits_of(session, old.branch_id, [wish.service_id for wish in wishes])
    if starts != old.starts:
        check_start(starts, now)
        check_horizon(starts, limits, now, kept.tz)
        if is_client(caller):
            check_lead(starts, limits, now)
    must_be_open(old)
    must_keep_its_day(old, starts.astimezone(kept.tz).date())
    if is_client(caller):
        check_in_time(session, old, now)


def check_in_time(session: Session, appointment: Appointment, now: datetime) -> None:
    services = [part.service_id for part in appointment.segments]
    check_cut_off(appointment.starts, limits_of(session, appointment.branch_id, services), now)

"""The waiting list: joining, changing and leaving it, and taking or turning down what it offers."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, to_builtins
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.keyring import Keyring
from chassis.outbox import announce
from contracts import booking as wire
from kernel.caller import Caller, Reach
from kernel.errors import Conflict, Invalid
from kernel.time import zone
from services.booking.domain.shifts import minutes_of
from services.booking.domain.waiting import Time, Wanted, check_wanted
from services.booking.queries.catalogue import catalogue
from services.booking.queries.salon import zone_of_named
from services.booking.queries.waiting import find, offers_of, segments_of, show_entry, times_of
from services.booking.tables import branches, holds, openings, waiting_entries
from services.booking.usecases.appointments import EVERYBODY, book_visit, seen
from services.booking.usecases.asking import Asked, Call, ask_health, check_client
from services.booking.usecases.diary import Visit, arrange
from services.booking.usecases.guard import check_override, insist, weighed
from services.booking.usecases.holds import as_held
from services.booking.usecases.quoting import ask_offer, of_wanted, offer_of
from services.booking.usecases.resolve import resolve
from services.booking.usecases.salon import check_version
from services.booking.usecases.series.booking import check_no_group

Ending = Literal["accepted", "declined", "expired"]


def ask_for_acceptance(call: Call, request: wire.AcceptOffer, _caller: Caller) -> Asked:
    """The discount in force for the client who waits, and what speaks against what they wait for."""
    with call.reads() as session:
        query = select(waiting_entries, holds.c.starts.label("offered"))
        offered = query.outerjoin(holds, holds.c.id == waiting_entries.c.hold_id)
        entry = session.execute(offered.where(waiting_entries.c.id == request.id)).one_or_none()
        if entry is None or entry.offered is None:
            return Asked("unknown")
        pricing = of_wanted(session, entry.branch_id, entry.offered, segments_of(entry))
    services = [part.service_id for part in segments_of(entry)]
    return Asked(offer=ask_offer(call, entry.client_id, pricing), checked=ask_health(call, entry.client_id, services))


def add(
    session: Session, request: wire.AddToWaitingList, caller: Caller, asked: Asked, now: datetime
) -> wire.WaitingEntry:
    """Wait for a time to be freed; what is free already is booked, not waited for."""
    own = caller.must("waiting_list.create") is Reach.OWN
    if own and request.client_id != caller.client_id:
        raise Invalid.field("client_id", "client_unknown", "there is no such client")
    tz = zone_of_named(session, request.branch_id, replace(caller, everywhere=True) if own else caller)
    check_client(session, request.client_id, asked, caller)
    check_no_group(catalogue(session), resolve(session, request.branch_id, request.segments, caller))
    check_wanted(_wanted(request.earliest, request.latest, request.times), now.astimezone(tz).date())
    entry_id = new_id()
    session.execute(
        insert(waiting_entries).values(
            id=entry_id,
            branch_id=request.branch_id,
            client_id=request.client_id,
            segments=to_builtins(request.segments),
            earliest=request.earliest,
            latest=request.latest,
            times=to_builtins(request.times),
            created_at=now,
        )
    )
    return _shown(session, entry_id, now)


def _wanted(earliest: date, latest: date, times: Iterable[wire.WaitingTime]) -> Wanted:
    clocks = (Time(time.weekday, minutes_of(time.earliest), minutes_of(time.latest)) for time in times)
    return Wanted(earliest, latest, tuple(clocks))


def _shown(session: Session, entry_id: UUID, now: datetime) -> wire.WaitingEntry:
    return show_entry(session, entry_id, EVERYBODY, Reach.CHAIN, now)


def change(session: Session, request: wire.ChangeWaitingEntry, caller: Caller, now: datetime) -> wire.WaitingEntry:
    """Wait for other dates or times; an offer that is open stays."""
    entry = _to_change(session, request.id, caller)
    check_version(request.version, entry.version)
    changes: dict[str, Any] = {}
    if request.earliest is not UNSET:
        changes["earliest"] = request.earliest
    if request.latest is not UNSET:
        changes["latest"] = request.latest
    if request.times is not UNSET:
        changes["times"] = to_builtins(request.times)
    wanted = _wanted(
        entry.earliest if request.earliest is UNSET else request.earliest,
        entry.latest if request.latest is UNSET else request.latest,
        times_of(entry) if request.times is UNSET else request.times,
    )
    check_wanted(wanted, now.astimezone(zone(entry.time_zone)).date())
    _must_wait(entry)
    if changes:
        write(session, entry, changes)
    return _shown(session, entry.id, now)


def _to_change(session: Session, entry_id: UUID, caller: Caller) -> Row[Any]:
    return find(session, entry_id, caller, caller.must("waiting_list.edit"), to_change=True)


def _must_wait(entry: Row[Any]) -> None:
    if entry.status not in ("waiting", "offered"):
        raise Conflict("wrong_status", f"the entry is {entry.status}")


def write(session: Session, entry: Row[Any], changes: dict[str, Any]) -> None:
    this = waiting_entries.c.id == entry.id
    session.execute(update(waiting_entries).where(this).values(version=entry.version + 1, **changes))


def leave_list(session: Session, request: wire.LeaveWaitingList, caller: Caller, now: datetime) -> wire.WaitingEntry:
    """Wait no more; what was offered goes to the next."""
    entry = _to_change(session, request.id, caller)
    _must_wait(entry)
    if entry.status == "offered":
        end_offer(session, entry, "declined", now, status="cancelled")
    else:
        write(session, entry, {"status": "cancelled"})
    return _shown(session, entry.id, now)


# --- offers -----------------------------------------------------------------------------------------------------------


def accept(
    session: Session,
    keyring: Keyring,
    request: wire.AcceptOffer,
    caller: Caller,
    asked: Asked,
    now: datetime,
) -> wire.Appointment:
    """Book what is held, as it is held."""
    check_override(request, caller)
    entry = _to_change(session, request.id, caller)
    _must_be_offered(entry, now)
    wishes = as_held(session, entry.plan, segments_of(entry))
    tz = zone(entry.time_zone)
    visit = Visit(entry.branch_id, tz, entry.client_id, entry.offered, wishes, frozenset({entry.hold_id}))
    placed = arrange(session, visit, now)
    services = [wish.service_id for wish in wishes]
    said = weighed(catalogue(session), services, asked.checked, request.health_reason)
    guarded = insist(session, said, entry.client_id, caller, now)
    discount = offer_of(session, entry.client_id, entry.branch_id, asked.offer)
    made = book_visit(
        session,
        keyring,
        visit,
        placed,
        caller=caller,
        now=now,
        discount=discount,
        hold_id=entry.hold_id,
        weighed=guarded,
    )
    end_offer(session, entry, "accepted", now, status="booked", appointment_id=made.id)
    return seen(session, keyring, made.id, caller, now)


def _must_be_offered(entry: Row[Any], now: datetime) -> None:
    _must_wait(entry)
    if entry.status == "offered" and entry.expires_at is not None and entry.expires_at > now:
        return
    if entry.offers_made:
        raise Conflict("offer_expired", "the offer is over: the time has gone to the next in the list")
    raise Conflict("offer_missing", "nothing is offered yet")


def decline(session: Session, request: wire.DeclineOffer, caller: Caller, now: datetime) -> wire.WaitingEntry:
    entry = _to_change(session, request.id, caller)
    _must_be_offered(entry, now)
    end_offer(session, entry, "declined", now)
    return _shown(session, entry.id, now)


def end_offer(
    session: Session, entry: Row[Any], outcome: Ending, now: datetime, *, status: str = "waiting", **changes: Any
) -> None:
    """Take the offer back, and give its time to the next unless it was accepted."""
    write(session, entry, {"status": status, "hold_id": None, "opening_id": None} | changes)
    session.execute(delete(holds).where(holds.c.id == entry.hold_id))  # its busy rows go with it
    this = openings.c.id == entry.opening_id
    if outcome != "accepted":
        # Not by way of `freed`: the entry has had its turn with this time.
        passed_by = func.array_append(openings.c.passed_by, entry.id)
        session.execute(update(openings).where(this).values(worked_off=False, passed_by=passed_by))
    elif not offers_of(session, entry.opening_id):
        session.execute(delete(openings).where(this, openings.c.worked_off))
    announce(session, wire.OfferEnded(entry.id, entry.client_id, outcome, now.astimezone(UTC)))


# --- who has left -----------------------------------------------------------------------------------------------------


def forget_client(session: Session, client_id: UUID, now: datetime) -> None:
    """The client waits no more, and what was offered goes to the next."""
    theirs = (
        select(waiting_entries)
        .where(waiting_entries.c.client_id == client_id, waiting_entries.c.status.in_(("waiting", "offered")))
        .order_by(waiting_entries.c.id)
        .with_for_update()
    )
    for entry in session.execute(theirs).all():
        if entry.status == "offered":
            end_offer(session, entry, "declined", now, status="cancelled")
        else:
            write(session, entry, {"status": "cancelled"})


def expire(session: Session, now: datetime) -> None:
    """Whose last date is over waits no more."""
    over = waiting_entries.c.latest < func.date(func.timezone(branches.c.time_zone, now))
    session.execute(
        update(waiting_entries)
        .where(waiting_entries.c.branch_id == branches.c.id, waiting_entries.c.status == "waiting", over)
        .values(status="expired", version=waiting_entries.c.version + 1)
    )

"""Booking without an account, and moving and cancelling by a secret key."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.crypto import fingerprint
from chassis.keyring import Keyring
from chassis.messaging import AskAgain
from contracts import booking as wire
from contracts.auth import CheckConfirmation
from contracts.clients import CheckContact, TakeContact
from kernel.caller import NOBODY, Caller
from kernel.errors import Conflict, Invalid
from services.booking.domain.appointment import Appointment, Status
from services.booking.domain.diary import check_cut_off, check_horizon, check_lead, check_start
from services.booking.domain.terms import Offer, codes_of
from services.booking.domain.wish import Placed
from services.booking.queries.appointments import Kept
from services.booking.queries.catalogue import Catalogue, by_catalogue, catalogue, remembered
from services.booking.queries.limits import limits_in, limits_of
from services.booking.queries.online import booked_by, by_key, online_view
from services.booking.usecases.appointments import EVERYBODY, book_visit, cancel_visit, move_visit
from services.booking.usecases.asking import Call, Checked, ask_health
from services.booking.usecases.desk import check_limits
from services.booking.usecases.diary import Visit, lock_words, place, with_alternatives
from services.booking.usecases.guard import weighed
from services.booking.usecases.holds import quoted
from services.booking.usecases.places import joins, settle
from services.booking.usecases.quoting import ask_offer, of_wanted, offer_of
from services.booking.usecases.resolve import again, naming_what_never_fits, zone_of

KEY_BYTES = 32
CHANGEABLE = (Status.BOOKED, Status.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Stranger:
    """Whose card it is, as clients said, and their discount; no `offer`: loyalty gave no answer.

    `known`: the card was there already, and says of the person what it said before. `channel`: by which clients counts.
    """

    client_id: UUID
    offer: Offer | None
    known: bool
    checked: Checked
    channel: str


def ask_who_comes(call: Call, request: wire.BookOnline, _caller: Caller, now: datetime) -> Stranger | None:
    """Find or make the card of who books. What is refused anyway leaves no card behind.

    None where it is booked with this key already: a confirmation may have expired since, and nothing is asked again.
    """
    with call.reads() as session:
        if request.key and booked_by(session, request.key):
            return None
        if _wants_code(remembered(session), request):
            _refuse_unconfirmed(catalogue(session), request)
    _check_confirmation(call, request)
    contact = request.contact
    said = (contact.first_name, contact.phone, contact.last_name, contact.email)
    proved = request.confirmation is not None
    found = _ask_of_contact(call, CheckContact(*said, request.channel, request.consents, proved=proved))
    client_id, known, channel = found.client_id, found.client_id is not None, found.channel
    if client_id is None or not found.settled:
        with call.reads() as session:
            _check_free(session, request, now)
        taking = TakeContact(
            *said, request.channel, request.branch_id, request.invited_by, request.consents, proved=proved
        )
        taken = _ask_of_contact(call, taking)
        client_id, known, channel = taken.client_id, not taken.created, taken.channel
    services = [part.service_id for part in request.segments]
    with call.reads() as session:
        pricing = of_wanted(session, request.branch_id, request.starts, request.segments)
    offer, checked = ask_offer(call, client_id, pricing), ask_health(call, client_id, services)
    return Stranger(client_id, offer, known, checked, channel or request.channel)


def _wants_code(known: Catalogue | None, request: wire.BookOnline) -> bool:
    """Whether the branch wants the phone shown to be theirs, and it was not, as far as is `known`."""
    branch = known and known.branches.get(request.branch_id)
    return request.confirmation is None and (known is None or bool(branch and branch.policy.confirm_phone))


def _refuse_unconfirmed(known: Catalogue, request: wire.BookOnline) -> None:
    if _wants_code(known, request):
        raise Invalid.field("confirmation", "confirmation_missing", "show first that the phone is yours, by a code")


def _check_confirmation(call: Call, request: wire.BookOnline) -> None:
    """A confirmation that is given must be good, also where none is wanted."""
    if request.confirmation is None:
        return
    if not call(CheckConfirmation(request.confirmation, request.contact.phone)).confirmed:
        raise Invalid.field("confirmation", "confirmation_refused", "this confirmation is of another phone, or too old")


def _check_free(session: Session, request: wire.BookOnline, now: datetime) -> None:
    """Refuse what is not free, as things are now."""

    def look(known: Catalogue) -> None:
        visit = _wanted(session, known, request, None, now)
        if not joins(session, visit.wishes):
            try:
                with naming_what_never_fits(session, visit.branch_id, visit.wishes, now):
                    place(session, visit, now)
            except Conflict as refusal:
                raise with_alternatives(session, visit, refusal, now) from None

    by_catalogue(session, look)


def _ask_of_contact(call: Call, request: CheckContact | TakeContact) -> Any:
    """What clients says of the contact; what is wrong with it is named by its field here."""
    try:
        return call(request)
    except Invalid as refusal:
        wrong = refusal.details.get("errors", {})
        errors = {field if field == "consents" else f"contact.{field}": said for field, said in wrong.items()}
        raise Invalid(refusal.code, refusal.message, errors=errors) from None


def _wanted(
    session: Session, known: Catalogue, request: wire.BookOnline, client_id: UUID | None, now: datetime
) -> Visit:
    """The visit as anybody may book it online, whoever is signed in; as it is held if it quotes a hold."""
    tz = zone_of(known, request.branch_id, EVERYBODY)
    check_start(request.starts, now)
    quote = quoted(session, known, request, NOBODY, now)
    if not quote.held:  # which was within the limits when it was promised
        check_limits(known, request, quote.wishes, NOBODY, now)
    soonest = now + limits_in(known, request.branch_id, [wish.service_id for wish in quote.wishes]).lead
    return Visit(
        branch_id=request.branch_id,
        tz=tz,
        client_id=client_id,
        starts=request.starts.astimezone(UTC),
        wishes=quote.wishes,
        besides=quote.besides,
        soonest=soonest,
        stranger=True,
        known=known,
    )


def book(
    session: Session,
    keyring: Keyring,
    request: wire.BookOnline,
    caller: Caller,
    stranger: Stranger | None,
    now: datetime,
) -> wire.OnlineAppointment:
    """Take the time if it is free; the key is told now and never again.

    Who sends it again with a key of their own, because an answer was lost or a button pressed twice, gets the same.

    Also what the card speaks against: nobody has verified who asks, and any other answer would tell them. The desk
    sees it, and nobody is received before that is decided.
    """
    if request.key:
        lock_words(session, [f"key {fingerprint(request.key).hex()}"])
        if booked := booked_by(session, request.key):
            return replace(online_view(catalogue(session), booked), key=request.key)
    if stranger is None:  # it was there when the card was looked for, and is not any more
        raise AskAgain
    known, visit, event_id, placed = by_catalogue(
        session, lambda known: _settled(session, known, request, stranger.client_id, now)
    )
    guarded = weighed(known, [wish.service_id for wish in visit.wishes], stranger.checked, None)
    key = request.key or token_urlsafe(KEY_BYTES)
    made = book_visit(
        session,
        keyring,
        visit,
        placed,
        caller=caller,
        now=now,
        discount=_unweighed(offer_of(session, stranger.client_id, request.branch_id, stranger.offer), request.codes),
        channel=stranger.channel,
        comment=_for_the_desk(request, known=stranger.known),
        hold_id=request.hold_id,
        group_event_id=event_id,
        key_hash=fingerprint(key),
        weighed=guarded,
    )
    return replace(online_view(known, made), key=key)


def _unweighed(offer: Offer, codes: Sequence[str]) -> Offer:
    """With the codes of somebody whom nobody has verified: they are asked about when the visit is over."""
    return replace(offer, terms=replace(offer.terms, codes=codes_of(codes)))


def _settled(
    session: Session, known: Catalogue, request: wire.BookOnline, client_id: UUID, now: datetime
) -> tuple[Catalogue, Visit, UUID | None, Sequence[Placed]]:
    """The visit that is asked for, the event that it joins, and where it lies."""
    _refuse_unconfirmed(known, request)  # what was remembered when the phone was looked at may have been older
    visit = _wanted(session, known, request, client_id, now)
    with naming_what_never_fits(session, visit.branch_id, visit.wishes, now):
        return known, visit, *settle(session, visit, now)


def _for_the_desk(request: wire.BookOnline, *, known: bool) -> str | None:
    """The comment; in front of it what somebody calls themselves whose card was there already.

    Nothing on that card changes, so nobody else would learn that they say another name. The e-mail is not told here:
    masters read comments, and may not see contacts.
    """
    if not known:
        return request.comment
    name = " ".join(f"{request.contact.first_name} {request.contact.last_name or ''}".split())
    who = f"Booked online as “{name}”."
    return f"{who}\n{request.comment}" if request.comment else who


# --- by the key -----------------------------------------------------------------------------------------------------


def move(
    session: Session, keyring: Keyring, request: wire.MoveOnlineAppointment, caller: Caller, now: datetime
) -> wire.OnlineAppointment:
    """The same services by the same masters at another time."""
    held = by_key(session, request.key, now, to_change=True)
    return online_view(catalogue(session), moved_by_client(session, keyring, held, request.starts, caller, now))


def moved_by_client(
    session: Session, keyring: Keyring, held: Kept, to: datetime, caller: Caller, now: datetime
) -> Appointment:
    """The visit at another time, as far as clients may move it by themselves."""
    old = held.appointment
    check_start(to, now)
    limits = limits_of(session, old.branch_id, [part.service_id for part in old.segments])
    check_horizon(to, limits, now, held.tz)
    check_lead(to, limits, now)
    _must_be_changeable(session, held, now)
    starts = to.astimezone(UTC)
    if starts == old.starts:
        return old
    visit = Visit(
        old.branch_id,
        held.tz,
        old.client_id,
        starts,
        again(session, old.segments),
        besides=frozenset({old.id}),
        soonest=now + limits.lead,
        stranger=True,
    )
    event_id, placed = settle(session, visit, now, leaving=old.group_event_id, as_promised=True)
    return move_visit(session, keyring, held, visit, placed, caller=caller, now=now, group_event_id=event_id)


def cancel(
    session: Session, keyring: Keyring, request: wire.CancelOnlineAppointment, caller: Caller, now: datetime
) -> wire.OnlineAppointment:
    held = by_key(session, request.key, now, to_change=True)
    _must_be_changeable(session, held, now)
    cancelled: Appointment = cancel_visit(
        session, keyring, held, caller=caller, now=now, reason=request.reason, by="client"
    )
    return online_view(catalogue(session), cancelled)


def _must_be_changeable(session: Session, held: Kept, now: datetime) -> None:
    """Before the client has come, and until the cut-off."""
    appointment = held.appointment
    if appointment.status not in CHANGEABLE:
        raise Conflict("wrong_status", f"the appointment is {appointment.status.value}")
    limits = limits_of(session, appointment.branch_id, [part.service_id for part in appointment.segments])
    check_cut_off(appointment.starts.astimezone(held.tz), limits, now)

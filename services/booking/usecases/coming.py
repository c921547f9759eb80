"""From the booking to the visit: the client confirms, comes, cancels or stays away."""

from datetime import datetime

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from contracts import booking as wire
from kernel.caller import Caller
from services.booking.domain.appointment import Appointment, Status, arrived, become, check_reason, must_be_open
from services.booking.queries.appointments import Kept, find
from services.booking.usecases.appointments import cancel_visit, seen, step
from services.booking.usecases.desk import check_in_time
from services.booking.usecases.guard import must_be_decided
from services.booking.usecases.record import Change


def confirm(
    session: Session, keyring: Keyring, request: wire.ConfirmAppointment, caller: Caller, now: datetime
) -> wire.Appointment:
    kept = find(session, request.id, caller, caller.must("appointments.edit"), to_change=True)
    confirmed = become(kept.appointment, Status.CONFIRMED, now, kept.tz)
    must_be_decided(session, keyring, kept, caller, now)
    return _step(session, keyring, kept, confirmed, caller, now)


def arrive(
    session: Session, keyring: Keyring, request: wire.ArriveAppointment, caller: Caller, now: datetime
) -> wire.Appointment:
    kept = find(session, request.id, caller, caller.must("appointments.edit"), to_change=True)
    here = arrived(kept.appointment, now, kept.tz)
    must_be_decided(session, keyring, kept, caller, now)
    return _step(session, keyring, kept, here, caller, now)


def mark_no_show(
    session: Session, keyring: Keyring, request: wire.MarkNoShow, caller: Caller, now: datetime
) -> wire.Appointment:
    kept = find(session, request.id, caller, caller.must("appointments.edit"), to_change=True)
    return _step(session, keyring, kept, become(kept.appointment, Status.NO_SHOW, now, kept.tz), caller, now)


def cancel(
    session: Session, keyring: Keyring, request: wire.CancelAppointment, caller: Caller, now: datetime
) -> wire.Appointment:
    kept = find(session, request.id, caller, caller.must("appointments.cancel"), to_change=True)
    check_reason(request.reason)
    themselves = caller.client_id is not None and caller.client_id == kept.appointment.client_id
    if themselves:
        must_be_open(kept.appointment)
        check_in_time(session, kept.appointment, now)
    by: wire.CancelledBy = "client" if themselves else "staff"
    cancel_visit(session, keyring, kept, caller=caller, now=now, reason=request.reason, by=by)
    return seen(session, keyring, kept.appointment.id, caller, now)


def _step(
    session: Session, keyring: Keyring, kept: Kept, new: Appointment, caller: Caller, now: datetime
) -> wire.Appointment:
    """One step of the status machine."""
    step(session, kept.appointment, new, Change(new.status.value, caller, now))
    return seen(session, keyring, new.id, caller, now)

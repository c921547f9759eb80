"""Ending a series, or a part of it."""

from datetime import datetime
from uuid import UUID

from msgspec import to_builtins
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from contracts import booking as wire
from kernel.caller import Caller, Reach
from kernel.errors import Conflict
from services.booking.domain.appointment import check_reason
from services.booking.queries.series import appointments_of, find, show_series
from services.booking.tables import series
from services.booking.usecases.appointments import EVERYBODY, cancel_visit
from services.booking.usecases.resolve import is_client
from services.booking.usecases.series.booking import kept_rule
from services.booking.usecases.series.replan import check_in_time, is_to_come, named


def cancel(
    session: Session, keyring: Keyring, request: wire.CancelSeries, caller: Caller, now: datetime
) -> wire.Series:
    """Cancel what is still to come of it; what is over stays as it was."""
    found = find(session, request.id, caller, caller.must("appointments.cancel"), to_change=True)
    check_reason(request.reason)
    theirs = appointments_of(session, found.id)
    anchor = named(theirs, request.appointment_id, request.scope)
    if request.scope == "this" and anchor:
        ending = [anchor]
    else:
        begin = anchor.appointment.occurrence if anchor and request.scope == "following" else None
        ending = [each for each in theirs if is_to_come(each, now)]
        if begin:
            ending = [each for each in ending if (each.appointment.occurrence or begin) >= begin]
    if not ending:
        raise Conflict("series_over", "nothing of the series is still to come")
    for each in ending:
        if is_client(caller):
            check_in_time(session, each, now)
        cancel_visit(
            session,
            keyring,
            each,
            caller=caller,
            now=now,
            reason=request.reason,
            by="client" if caller.client_id == found.client_id else "staff",
        )
    session.execute(update(series).where(series.c.id == found.id).values(version=found.version + 1, changed_at=now))
    return show_series(session, found.id, EVERYBODY, Reach.CHAIN)


def forget_client(session: Session, client_id: UUID, now: datetime) -> None:
    """The client's series end today; their appointments are cancelled like all others of the client."""
    ids = session.scalars(select(series.c.id).where(series.c.client_id == client_id).order_by(series.c.id)).all()
    for series_id in ids:
        found = find(session, series_id, EVERYBODY, Reach.CHAIN, to_change=True)
        until = max(found.first.date(), now.astimezone(found.tz).date())
        rule = kept_rule(found.rule)
        if isinstance(rule, dict):
            rule = rule | {"count": None, "until": to_builtins(until)}
        changes = {"rule": rule, "version": found.version + 1, "changed_at": now}
        session.execute(update(series).where(series.c.id == series_id).values(changes))

"""Masters who are away: their time closes, whatever the shifts say, and opens again when they are back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.crypto import seal
from chassis.database import new_id, refusal_of
from chassis.keyring import Keyring
from contracts import booking as wire
from contracts.message import UNSET
from kernel.caller import Caller, Reach
from kernel.errors import Conflict, Invalid, Stale
from kernel.time import Interval
from services.booking.domain.diary import check_ahead, check_instant
from services.booking.queries.absences import find_absence, place_of_reason, views, zone_of_chain
from services.booking.queries.open_hours import open_of
from services.booking.queries.salon import masters_of
from services.booking.queries.shifts import worked
from services.booking.tables import absences, masters
from services.booking.usecases.diary import lock
from services.booking.usecases.open_hours import free_gained, tell_open_hours
from services.booking.usecases.stranded import stranded

LONGEST = timedelta(days=400)
A_DAY = timedelta(days=1)  # more on both sides holds the dates of every zone


def create_absence(
    session: Session, keyring: Keyring, request: wire.CreateAbsence, caller: Caller, now: datetime
) -> wire.Absence:
    reach = caller.must("absences.create")
    if request.master_id not in masters_of(session, [request.master_id], caller, reach):
        raise Invalid.field("master_id", "master_unknown", "there is no such master")
    during = _span(request.starts, request.ends, now)
    absence_id = new_id()
    row = {
        "id": absence_id,
        "master_id": request.master_id,
        "kind": request.kind,
        "starts": during.starts,
        "ends": during.ends,
        "reason": _sealed(keyring, request.master_id, absence_id, request.reason),
    }
    with _rearranging(session, request.master_id, [during], now), _one_at_a_time(session):
        session.execute(insert(absences).values(row))
    return show_absence(session, keyring, absence_id, caller, now, "absences.create")


def change_absence(
    session: Session, keyring: Keyring, request: wire.ChangeAbsence, caller: Caller, now: datetime
) -> wire.Absence:
    row = find_absence(session, request.id, caller, caller.must("absences.edit"))
    old = Interval(row.starts, row.ends)
    new = _span(
        row.starts if request.starts is UNSET else request.starts,
        row.ends if request.ends is UNSET else request.ends,
        now,
    )
    changes: dict[str, Any] = {"starts": new.starts, "ends": new.ends}
    if request.kind is not UNSET:
        changes["kind"] = request.kind
    if request.reason is not UNSET:
        changes["reason"] = _sealed(keyring, row.master_id, row.id, request.reason)
    _check_version(request.version, row)
    if new == old and changes.keys() == {"starts", "ends"}:
        return show_absence(session, keyring, row.id, caller, now, "absences.edit")
    with _rearranging(session, row.master_id, [old, new] if new != old else [], now), _one_at_a_time(session):
        written = session.execute(
            update(absences)
            .where(absences.c.id == row.id, absences.c.version == row.version)
            .values(version=row.version + 1, **changes)
        )
        if written.rowcount == 0:  # type: ignore[attr-defined]
            raise _stale()
    return show_absence(session, keyring, row.id, caller, now, "absences.edit")


def remove_absence(session: Session, request: wire.RemoveAbsence, caller: Caller, now: datetime) -> wire.Removed:
    row = find_absence(session, request.id, caller, caller.must("absences.delete"))
    _check_version(request.version, row)
    with _rearranging(session, row.master_id, [Interval(row.starts, row.ends)], now):
        gone = session.execute(delete(absences).where(absences.c.id == row.id, absences.c.version == row.version))
        if gone.rowcount == 0:  # type: ignore[attr-defined]
            raise _stale()
    return wire.Removed(row.id)


def show_absence(
    session: Session,
    keyring: Keyring,
    absence_id: UUID,
    caller: Caller,
    now: datetime,
    permission: str = "absences.read",
) -> wire.Absence:
    """The absence with the appointments that it leaves over as things stand now, those of the caller's branches."""
    reach = caller.must(permission)
    row = find_absence(session, absence_id, caller, reach)
    (view,) = views(keyring, [row], zone_of_chain(session))
    during = Interval(row.starts, row.ends)
    first, last = (during.starts - A_DAY).date(), (during.ends + A_DAY).date()
    seen = caller.branch_ids if reach is Reach.BRANCHES else None
    return replace(view, stranded=stranded(session, seen, [row.master_id], first, last, now, during))


@contextmanager
def _rearranging(session: Session, master_id: UUID, spans: list[Interval], now: datetime) -> Iterator[None]:
    """What is done inside changes when the master is there during `spans`: nobody books then, and all is told after."""
    if not spans:
        yield
        return
    # Before the locks of the diaries, as are rows of appointments.
    session.execute(select(masters.c.id).where(masters.c.id == master_id).with_for_update(key_share=True))
    lock(session, [(master_id, span) for span in spans])
    first = (min(span.starts for span in spans) - A_DAY).date()
    last = (max(span.ends for span in spans) + A_DAY).date()
    branch_ids = sorted({each.branch_id for each in worked(session, [master_id], first, last).get(master_id, ())})
    before = {branch_id: open_of(session, branch_id, [master_id], first, last) for branch_id in branch_ids}
    yield
    for branch_id in branch_ids:
        after = tell_open_hours(session, branch_id, [master_id], first, last, now)
        free_gained(session, branch_id, before[branch_id], after, now)


@contextmanager
def _one_at_a_time(session: Session) -> Iterator[None]:
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        overlaps = Conflict("absence_overlaps", "the master is away at this time already")
        raise refusal_of(error, {"nobody_away_twice": overlaps}) from None


def _span(starts: datetime, ends: datetime, now: datetime) -> Interval:
    check_instant("starts", starts)
    check_instant("ends", ends)
    if ends <= starts:
        raise Invalid.field("ends", "absence_ends_early", "an absence ends after it starts")
    if ends - starts > LONGEST:
        raise Invalid.field("ends", "absence_too_long", f"an absence lasts at most {LONGEST.days} days")
    check_ahead("starts", starts.astimezone(UTC).date(), now.date())
    check_ahead("ends", ends.astimezone(UTC).date(), now.date())
    return Interval(starts, ends)


def _sealed(keyring: Keyring, master_id: UUID, absence_id: UUID, reason: str | None) -> bytes | None:
    """The reason as it is kept: under a key of the master."""
    if not reason:
        return None
    return seal(keyring.make([master_id])[master_id], reason.encode(), place_of_reason(absence_id))


def _check_version(asked: int, row: Row[Any]) -> None:
    if asked != row.version:
        raise _stale()


def _stale() -> Stale:
    return Stale("version_stale", "somebody has changed it since")

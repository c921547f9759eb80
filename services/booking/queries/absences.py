"""Absences: when masters are away, whatever their shifts say, and why."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis.crypto import Damaged, unseal
from chassis.keyring import Keyring
from chassis.observability import log
from contracts.booking import Absence, ListAbsences
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from kernel.time import Interval, start_of_day
from services.booking.queries.catalogue import catalogue
from services.booking.queries.paging import page
from services.booking.queries.reach import master_seen
from services.booking.queries.salon import show_master
from services.booking.queries.shifts import check_dates, check_period
from services.booking.tables import absences, masters


def find_absence(session: Session, absence_id: UUID, caller: Caller, reach: Reach) -> Row[Any]:
    """The row, if the caller sees the master."""
    row = session.execute(_seen(caller, reach).where(absences.c.id == absence_id)).one_or_none()
    if row is None:
        raise NotFound("absence_not_found", "there is no such absence")
    return row


def list_absences(
    session: Session, keyring: Keyring, request: ListAbsences, caller: Caller, reach: Reach
) -> Page[Absence]:
    """An absence has no branch: the dates are those of the zone that most branches are in."""
    check_period(request.from_, request.to)
    query, tz = _seen(caller, reach), zone_of_chain(session)
    if request.master_id:
        show_master(session, request.master_id, caller, reach)
        query = query.where(absences.c.master_id == request.master_id)
    if request.from_:
        check_dates([("from", request.from_)])
        query = query.where(absences.c.ends > start_of_day(request.from_, tz))
    if request.to:
        check_dates([("to", request.to)])
        query = query.where(absences.c.starts < start_of_day(request.to + timedelta(days=1), tz))
    rows = page(session, query, absences, _same, request.limit, request.cursor)
    return Page(views(keyring, rows.items, tz), rows.next)


def _same(row: Row[Any]) -> Row[Any]:
    return row


def _seen(caller: Caller, reach: Reach) -> Any:
    return select(absences).join(masters, masters.c.id == absences.c.master_id).where(master_seen(caller, reach))


def zone_of_chain(session: Session) -> ZoneInfo:
    """The zone that most branches are in."""
    zones = [branch.tz for branch in catalogue(session).branches.values()]
    return max(sorted(set(zones), key=str), key=zones.count, default=ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class Away(Interval):
    """The time of an absence."""

    kind: str


def absent(session: Session, master_ids: Collection[UUID], during: Interval) -> dict[UUID, list[Away]]:
    """The absences of each of the masters that reach into that time, in order."""
    query = (
        select(absences.c.master_id, absences.c.starts, absences.c.ends, absences.c.kind)
        .where(absences.c.master_id.in_(master_ids), absences.c.ends > during.starts, absences.c.starts < during.ends)
        .order_by(absences.c.starts)
    )
    away: dict[UUID, list[Away]] = {}
    for row in session.execute(query):
        away.setdefault(row.master_id, []).append(Away(row.starts, row.ends, row.kind))
    return away


def views(keyring: Keyring, rows: Iterable[Row[Any]], tz: ZoneInfo) -> tuple[Absence, ...]:
    """As the contract says, on the clocks of `tz`; a reason that cannot be read any more is left out."""
    rows = tuple(rows)
    sealed = {row.master_id for row in rows if row.reason}
    keys = keyring.keys(sealed) if sealed else {}
    return tuple(
        Absence(
            id=row.id,
            master_id=row.master_id,
            kind=row.kind,
            starts=row.starts.astimezone(tz),
            ends=row.ends.astimezone(tz),
            version=row.version,
            reason=_opened(keys.get(row.master_id), row),
        )
        for row in rows
    )


def _opened(key: bytes | None, row: Row[Any]) -> str | None:
    if key is None or row.reason is None:
        return None
    try:
        return unseal(key, row.reason, place_of_reason(row.id)).decode()
    except Damaged:
        log("booking").error("text_damaged", absence=str(row.id))
        return None


def place_of_reason(absence_id: UUID) -> str:
    """What binds a sealed reason to its absence."""
    return f"{absence_id}:absence"

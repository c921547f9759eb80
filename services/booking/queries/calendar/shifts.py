"""When masters are there to be booked, as the events of a calendar."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Row, select, tuple_
from sqlalchemy.orm import Session

from kernel.time import Interval
from services.booking.domain.calendar import Entry
from services.booking.domain.hours import open_times
from services.booking.domain.shifts import Shift
from services.booking.queries.calendar.entries import made_at, place_of
from services.booking.queries.catalogue import Catalogue, catalogue
from services.booking.tables import absences, branches, open_hours, shifts

Stamped = tuple[Interval, datetime]  # a time, and when it was put down


def shift_entries(session: Session, whose: ColumnElement[bool], during: Interval, *, named: bool) -> list[Entry]:
    """Shifts within opening hours and without absences; they leave the time free. `named` says whose they are."""
    query = select(shifts).where(whose, shifts.c.starts_at >= during.starts, shifts.c.starts_at < during.ends)
    worked: dict[tuple[UUID, UUID], list[Row[Any]]] = {}
    for row in session.execute(query.order_by(shifts.c.starts_at, shifts.c.id)):
        worked.setdefault((row.master_id, row.branch_id), []).append(row)
    away = _absences(session, {master_id for master_id, _ in worked}, during)
    places = _places(session, {branch_id for _, branch_id in worked})
    told = _told(session, worked)
    salon = catalogue(session)
    entries = []
    for (master_id, branch_id), rows in worked.items():
        place, branch = places[branch_id]
        summary = salon.masters[master_id].name if named else branch
        times = _entries(salon, rows, away.get(master_id, []), summary, place)
        entries += [replace(entry, sequence=told.get((master_id, branch_id), 0)) for entry in times]
    return entries


def _entries(salon: Catalogue, rows: list[Row[Any]], away: list[Stamped], summary: str, place: str) -> list[Entry]:
    """The open times of one master in one branch, numbered within each day, so that a changed shift keeps its uid."""
    master, branch = salon.masters[rows[0].master_id], salon.branches[rows[0].branch_id]
    worked = [Shift(row.day, row.starts, row.ends) for row in rows]
    absent = [interval for interval, _ in away]
    times = open_times(worked, branch.week, branch.holidays, absent, master.permits, branch.tz)
    planned = {row.day: made_at(row.id) for row in sorted(rows, key=lambda row: made_at(row.id))}
    owner = uuid5(master.id, str(branch.id))
    entries: list[Entry] = []
    numbers: Counter[date] = Counter()
    for time in times:
        starts = time.starts.astimezone(branch.tz)
        day = starts.date()
        numbers[day] += 1
        entries.append(
            Entry(
                uid=f"{owner}-{day:%Y%m%d}-{numbers[day]}@lokon",
                starts=starts,
                ends=time.ends.astimezone(branch.tz),
                summary=summary,
                location=place,
                # An absence, too, says when a time begins or ends.
                revised=max([planned[day], *(at for each, at in away if _bounds(each, time))]),
                transparent=True,
            )
        )
    return entries


def _bounds(absence: Interval, time: Interval) -> bool:
    return time.starts == absence.ends or time.ends == absence.starts


def _absences(session: Session, master_ids: Collection[UUID], during: Interval) -> dict[UUID, list[Stamped]]:
    if not master_ids:
        return {}
    query = select(absences.c.id, absences.c.master_id, absences.c.starts, absences.c.ends).where(
        absences.c.master_id.in_(master_ids), absences.c.ends > during.starts
    )
    away: dict[UUID, list[Stamped]] = {}
    for row in session.execute(query.order_by(absences.c.starts, absences.c.id)):
        away.setdefault(row.master_id, []).append((Interval(row.starts, row.ends), made_at(row.id)))
    return away


def _told(session: Session, pairs: Collection[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], int]:
    """How often it was told when each master is open in each branch, which is after every change of it."""
    those = tuple_(open_hours.c.master_id, open_hours.c.branch_id).in_(pairs)
    return {(row.master_id, row.branch_id): row.version for row in session.execute(select(open_hours).where(those))}


def _places(session: Session, branch_ids: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """Where each branch is, and its name."""
    query = select(branches.c.id, branches.c.name, branches.c.address).where(branches.c.id.in_(branch_ids))
    return {row.id: (place_of(row.name, row.address), row.name) for row in session.execute(query)}

"""The visits and group events of a master or a branch, as the events of a calendar."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, select, true
from sqlalchemy.orm import Session

from kernel.time import Interval, zone
from services.booking.domain.calendar import CANCELLED, CONFIRMED, Entry
from services.booking.queries.calendar.entries import (
    Part,
    Visit,
    entry_of,
    for_client,
    made_at,
    of_all,
    place_of,
    runs,
    uid_of,
)
from services.booking.queries.calendar.series import repeating, series_of
from services.booking.tables import appointments, branches, group_events, history, masters, segments, services


def of_branch(session: Session, branch_id: UUID, during: Interval) -> list[Entry]:
    """The visits of a branch, each as one event that names its masters."""
    visits = _with_series(session, appointments.c.branch_id == branch_id, _starts_in(appointments.c.starts, during))
    known = series_of(session, visits)
    entries = repeating([(visit, of_all(visit)) for visit in visits], known)
    return entries + group_entries(session, group_events.c.branch_id == branch_id, during, named=True)


def of_master(session: Session, master_id: UUID, branch_ids: Collection[UUID] | None, during: Interval) -> list[Entry]:
    """What a master renders in these branches: of each visit their part, or parts where they stop in between."""
    theirs = and_(segments.c.master_id == master_id, one_of(appointments.c.branch_id, branch_ids))
    visits = _with_series(session, theirs, _starts_in(segments.c.starts, during))
    known = series_of(session, visits)
    by_place: dict[int, list[tuple[Visit, Entry]]] = {}
    for visit in visits:
        for place, parts in enumerate(runs(visit.parts)):
            by_place.setdefault(place, []).append((visit, entry_of(visit, parts, place)))
    entries = [entry for place, those in by_place.items() for entry in repeating(those, known, place)]
    groups = and_(group_events.c.master_id == master_id, one_of(group_events.c.branch_id, branch_ids))
    return entries + group_entries(session, groups, during)


def of_appointment(session: Session, chosen: ColumnElement[bool]) -> list[Entry]:
    """One visit, to be added to somebody's own calendar."""
    return [for_client(visit) for visit in _visits(session, chosen, with_groups=True)]


def one_of(branch_id: ColumnElement[UUID], branch_ids: Collection[UUID] | None) -> ColumnElement[bool]:
    """Whether the branch is one of these; any is where they are None."""
    return true() if branch_ids is None else branch_id.in_(branch_ids)


def _starts_in(column: Any, during: Interval) -> ColumnElement[bool]:
    return and_(column >= during.starts, column < during.ends)


def _with_series(session: Session, whose: ColumnElement[bool], then: ColumnElement[bool]) -> list[Visit]:
    """The visits of that time, and all the others of their series: a rule is told whole or not at all."""
    visits = _visits(session, whose, then)
    of = {visit.series_id for visit in visits if visit.series_id}
    if not of:
        return visits
    known = {visit.id for visit in visits}
    others = _visits(session, whose, appointments.c.series_id.in_(of))
    return visits + [visit for visit in others if visit.id not in known]


def _visits(session: Session, *chosen: ColumnElement[bool], with_groups: bool = False) -> list[Visit]:
    query = _query().where(*chosen).order_by(appointments.c.starts, appointments.c.id, segments.c.position)
    if not with_groups:
        query = query.where(appointments.c.group_event_id.is_(None))
    visits: dict[UUID, Visit] = {}
    for row in session.execute(query):
        visit = visits.get(row.id)
        if visit is None:
            visit = visits[row.id] = _visit(row)
        visit.parts.append(Part(row.service, row.master, row.part_starts, row.part_ends))
    return list(visits.values())


def _query() -> Select[Any]:
    of_now = and_(history.c.appointment_id == appointments.c.id, history.c.version == appointments.c.version)
    return (
        select(
            appointments.c.id,
            appointments.c.status,
            appointments.c.version,
            appointments.c.starts,
            appointments.c.series_id,
            appointments.c.occurrence,
            branches.c.name.label("branch"),
            branches.c.address,
            branches.c.time_zone,
            history.c.at,
            services.c.name.label("service"),
            masters.c.name.label("master"),
            segments.c.starts.label("part_starts"),
            segments.c.ends.label("part_ends"),
        )
        .join(segments, segments.c.appointment_id == appointments.c.id)
        .join(branches, branches.c.id == appointments.c.branch_id)
        .join(services, services.c.id == segments.c.service_id)
        .join(masters, masters.c.id == segments.c.master_id)
        .outerjoin(history, of_now)
    )


def _visit(row: Row[Any]) -> Visit:
    tz = zone(row.time_zone)
    return Visit(
        row.id,
        row.status,
        row.version,
        place_of(row.branch, row.address),
        tz,
        (row.at or made_at(row.id)).replace(microsecond=0),
        row.starts.astimezone(tz),
        row.series_id,
        row.occurrence and row.occurrence.astimezone(tz),
    )


def group_entries(
    session: Session, whose: ColumnElement[bool], during: Interval, *, named: bool = False
) -> list[Entry]:
    """Group events, one for all who take part; they are there also while nobody does."""
    query = (
        select(
            group_events,
            services.c.name.label("service"),
            masters.c.name.label("master"),
            branches.c.name.label("branch"),
            branches.c.address,
            branches.c.time_zone,
        )
        .join(services, services.c.id == group_events.c.service_id)
        .join(masters, masters.c.id == group_events.c.master_id)
        .join(branches, branches.c.id == group_events.c.branch_id)
        .where(whose, _starts_in(group_events.c.starts, during))
    )
    return [
        Entry(
            uid=uid_of(row.id),
            starts=row.starts.astimezone(zone(row.time_zone)),
            ends=row.ends.astimezone(zone(row.time_zone)),
            summary=f"{row.service} — {row.master}" if named else row.service,
            location=place_of(row.branch, row.address),
            revised=row.changed_at.replace(microsecond=0),
            sequence=row.version - 1,
            status=CANCELLED if row.status == "cancelled" else CONFIRMED,
        )
        for row in session.execute(query)
    ]

"""Facts of appointments: the newest state of each, and the instants of what happened to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, text
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from contracts.booking import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentState,
    VisitCompleted,
)
from services.analytics.domain.clock import minute_of
from services.analytics.tables import booked_segments
from services.analytics.usecases.segments import note_changed
from services.analytics.usecases.turns import take_turn

INSTANTS: Mapping[type[AppointmentState], str] = {
    AppointmentBooked: "booked_at",
    AppointmentArrived: "arrived_at",
    AppointmentCancelled: "cancelled_at",
    AppointmentMissed: "missed_at",
    VisitCompleted: "completed_at",
}
Told = dict[str, datetime]
TOLD = ", ".join(INSTANTS.values())
GIVEN = ", ".join(f"CAST(:{name} AS TIMESTAMPTZ[])" for name in INSTANTS.values())
EARLIEST = [f"least(bookings.{name}, {{given}}.{name})" for name in INSTANTS.values()]

KEEP_STATES = text(
    f"""
    INSERT INTO bookings (appointment_id, version, client_id, branch_id, local_date, starts, ends, minute, status,
        channel, late_minutes, cancelled_by, series_id, group_event_id, overlap, {TOLD})
    SELECT * FROM unnest(CAST(:appointments AS UUID[]), CAST(:versions AS BIGINT[]), CAST(:clients AS UUID[]),
        CAST(:branches AS UUID[]), CAST(:dates AS DATE[]), CAST(:starts AS TIMESTAMPTZ[]),
        CAST(:ends AS TIMESTAMPTZ[]), CAST(:minutes AS SMALLINT[]), CAST(:statuses AS TEXT[]),
        CAST(:channels AS TEXT[]), CAST(:late AS INTEGER[]), CAST(:cancelled_by AS TEXT[]), CAST(:series AS UUID[]),
        CAST(:groups AS UUID[]), CAST(:overlaps AS BOOLEAN[]), {GIVEN})
    ON CONFLICT (appointment_id) DO UPDATE SET version = excluded.version, client_id = excluded.client_id,
        branch_id = excluded.branch_id, local_date = excluded.local_date, starts = excluded.starts,
        ends = excluded.ends, minute = excluded.minute, status = excluded.status, channel = excluded.channel,
        late_minutes = excluded.late_minutes, cancelled_by = excluded.cancelled_by, series_id = excluded.series_id,
        group_event_id = excluded.group_event_id, overlap = excluded.overlap
    WHERE bookings.version < excluded.version
    RETURNING appointment_id
    """  # noqa: S608  names of ours
)

# An instant may be told of before or after those that tell of a later state. Most were written with the state.
KEEP_INSTANTS = text(
    f"""
    UPDATE bookings SET ({TOLD}) = ({", ".join(EARLIEST).format(given="told")})
    FROM unnest(CAST(:appointments AS UUID[]), {GIVEN}) AS told (appointment_id, {TOLD})
    WHERE bookings.appointment_id = told.appointment_id AND ({", ".join(EARLIEST).format(given="told")})
        IS DISTINCT FROM ({", ".join(f"bookings.{name}" for name in INSTANTS.values())})
    """  # noqa: S608
)


def copy_bookings(session: Session, events: Sequence[AppointmentState]) -> None:
    """Newer states instead of older ones, with what they take of whom; instants whenever they are told of."""
    take_turn(session)
    into = kept_ids(session, [event.client_id for event in events])
    newest: dict[UUID, AppointmentState] = {}
    for event in sorted(events, key=lambda each: each.version):
        kept = into.get(event.client_id) if event.client_id else None
        newest[event.appointment_id] = replace(event, client_id=kept) if kept else event
    told = _told(events)
    changed = _keep_states(session, list(newest.values()), told)
    note_changed(session, [newest[each].client_id for each in changed])
    _keep_segments(session, [newest[each] for each in changed])
    if told:
        session.execute(KEEP_INSTANTS, {"appointments": list(told), **_columns(told.values())})


def _keep_states(session: Session, states: Sequence[AppointmentState], told: Mapping[UUID, Told]) -> Sequence[UUID]:
    return session.scalars(
        KEEP_STATES,
        {
            "appointments": [each.appointment_id for each in states],
            "versions": [each.version for each in states],
            "clients": [each.client_id for each in states],
            "branches": [each.branch_id for each in states],
            "dates": [each.local_date for each in states],
            "starts": [each.starts for each in states],
            "ends": [each.ends for each in states],
            "minutes": [minute_of(each.starts, each.time_zone) for each in states],
            "statuses": [each.status for each in states],
            "channels": [each.channel for each in states],
            "late": [each.late_minutes for each in states],
            "cancelled_by": [each.cancelled_by for each in states],
            "series": [each.series_id for each in states],
            "groups": [each.group_event_id for each in states],
            "overlaps": [each.overlap for each in states],
            **_columns([told.get(each.appointment_id, {}) for each in states]),
        },
    ).all()


def _keep_segments(session: Session, states: Sequence[AppointmentState]) -> None:
    ids = [each.appointment_id for each in states]
    session.execute(delete(booked_segments).where(booked_segments.c.appointment_id.in_(ids)))
    rows = [
        {
            "appointment_id": state.appointment_id,
            "position": position,
            "branch_id": state.branch_id,
            "local_date": state.local_date,
            "service_id": part.service_id,
            "master_id": part.master_id,
            "starts": part.starts,
            "ends": part.ends,
            "unit_ids": list(part.unit_ids),
        }
        for state in states
        for position, part in enumerate(state.segments)
    ]
    if rows:
        session.execute(insert(booked_segments), rows)


def _told(events: Sequence[AppointmentState]) -> dict[UUID, Told]:
    """The earliest of each instant that is told of, by appointment."""
    found: dict[UUID, Told] = {}
    for event in events:
        if name := INSTANTS.get(type(event)):
            own = found.setdefault(event.appointment_id, {})
            own[name] = min(own.get(name, _at(event)), _at(event))
    return found


def _columns(told: Iterable[Told]) -> dict[str, list[datetime | None]]:
    rows = list(told)
    return {name: [row.get(name) for row in rows] for name in INSTANTS.values()}


def _at(event: AppointmentState) -> datetime:
    """A visit that is entered afterwards says when it was over."""
    return (isinstance(event, VisitCompleted) and event.completed_at) or event.occurred_at

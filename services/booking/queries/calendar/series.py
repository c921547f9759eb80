"""Series as calendars tell them: one event that repeats by the rule, with what differs from it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import convert
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from services.booking.domain.calendar import CANCELLED, Entry, Repetition, repeated
from services.booking.domain.series import Rule, expand, text_of, wall_of
from services.booking.queries.calendar.entries import Visit, uid_of
from services.booking.tables import appointments, history, series


@dataclass(frozen=True, slots=True)
class Series:
    """What a calendar needs of a series: when it or any of its appointments was changed last, and how often."""

    id: UUID
    starts: datetime
    rule: Rule
    revised: datetime
    changes: int


def series_of(session: Session, visits: Iterable[Visit]) -> dict[UUID, Series]:
    ids = {visit.series_id for visit in visits if visit.series_id}
    if not ids:
        return {}
    # All appointments count, also those of other masters: who gives one away would see fewer changes than before.
    last = and_(history.c.appointment_id == appointments.c.id, history.c.version == appointments.c.version)
    query = (
        select(
            series.c.id,
            series.c.starts,
            series.c.rule,
            func.greatest(series.c.changed_at, func.max(history.c.at)).label("revised"),
            (series.c.version - 1 + series.c.gone + func.sum(appointments.c.version - 1)).label("changes"),
        )
        .join(appointments, appointments.c.series_id == series.c.id)
        .outerjoin(history, last)
        .where(series.c.id.in_(ids))
        .group_by(series.c.id)
    )
    return {
        row.id: Series(
            row.id, row.starts, convert(row.rule, Rule), row.revised.replace(microsecond=0), int(row.changes)
        )
        for row in session.execute(query)
    }


def repeating(found: Sequence[tuple[Visit, Entry]], known: Mapping[UUID, Series], place: int = 0) -> list[Entry]:
    """The events of visits, with those of a series told as its rule."""
    entries = [entry for visit, entry in found if visit.series_id is None]
    of: dict[UUID, list[tuple[Visit, Entry]]] = {}
    for visit, entry in found:
        if visit.series_id:
            of.setdefault(visit.series_id, []).append((visit, entry))
    for series_id, those in of.items():
        entries += _told_by_rule(known[series_id], those, place)
    return entries


def _told_by_rule(whole: Series, those: Sequence[tuple[Visit, Entry]], place: int) -> list[Entry]:
    """Visits that were cancelled are times that are left out; if all were, the whole is shown as cancelled."""
    living = [(visit, entry) for visit, entry in those if entry.status != CANCELLED] or those
    tz = living[0][0].tz
    later = _later(living, tz)
    first = wall_of(whole.starts, tz)
    if (first + later).date() != first.date():  # the weekdays of the rule are those of another day
        return [entry for _, entry in living]
    repetition = Repetition(
        uid_of(whole.id, place),
        text_of(whole.rule, tz),
        tuple(time + later for time in expand(whole.rule, first)),
        tz,
        whole.revised,
        whole.changes,
    )
    booked_by = [(wall_of(visit.occurrence or visit.starts, tz) + later, entry) for visit, entry in living]
    return repeated(repetition, booked_by)


def _later(those: Sequence[tuple[Visit, Entry]], tz: ZoneInfo) -> timedelta:
    """How long after its visit a part of it begins, mostly."""
    return Counter(wall_of(entry.starts, tz) - wall_of(visit.starts, tz) for visit, entry in those).most_common(1)[0][0]

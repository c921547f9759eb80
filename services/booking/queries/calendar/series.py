"""Series as calendars tell them: one event that repeats by the rule, with what differs from it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import convert
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.booking.domain.calendar import CANCELLED, Entry, Repetition, repeated
from services.booking.domain.series import Rule, expand, text_of, wall_of
from services.booking.queries.calendar.entries import Visit, made_at, uid_of
from services.booking.tables import series


@dataclass(frozen=True, slots=True)
class Series:
    """What a calendar needs of a series. `split_at` is when a part of it last became a series of its own."""

    id: UUID
    starts: datetime
    rule: Rule
    split_at: datetime


def series_of(session: Session, visits: Iterable[Visit]) -> dict[UUID, Series]:
    ids = {visit.series_id for visit in visits if visit.series_id}
    if not ids:
        return {}
    split = select(series.c.split_from, series.c.id).where(series.c.split_from.in_(ids))
    split_at = {row.split_from: made_at(row.id) for row in session.execute(split.order_by(series.c.id))}
    return {
        row.id: Series(row.id, row.starts, convert(row.rule, Rule), split_at.get(row.id, made_at(row.id)))
        for row in session.execute(select(series.c.id, series.c.starts, series.c.rule).where(series.c.id.in_(ids)))
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
    """Visits that were cancelled are times that are left out."""
    revised = max(whole.split_at.replace(microsecond=0), *(visit.revised for visit, _ in those))
    living = [(visit, entry) for visit, entry in those if entry.status != CANCELLED]
    if not living:
        return []
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
        revised,
        # No counter of changes comprises all appointments of a series; the seconds of its life until the last one do.
        sequence=max(0, int((revised - made_at(whole.id)).total_seconds())),
    )
    booked_by = [(wall_of(visit.occurrence or visit.starts, tz) + later, entry) for visit, entry in living]
    return repeated(repetition, booked_by)


def _later(those: Sequence[tuple[Visit, Entry]], tz: ZoneInfo) -> timedelta:
    """How long after its visit a part of it begins, mostly."""
    return Counter(wall_of(entry.starts, tz) - wall_of(visit.starts, tz) for visit, entry in those).most_common(1)[0][0]

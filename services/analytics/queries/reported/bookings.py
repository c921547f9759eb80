"""Reports of bookings: what became of them, by whom they were cancelled, how long ahead they were made."""

from typing import Any

from sqlalchemy import ColumnElement, Numeric, Select, case, cast, distinct, func, or_, select
from sqlalchemy.types import Integer

from services.analytics.queries.reported.facts import Facts, in_row, per, within
from services.analytics.tables import booked_segments, bookings

HOUR = 3_600  # seconds
DAY = 24 * HOUR


class Bookings(Facts):
    def _begin(self) -> None:
        self.source, self.day, self.client = bookings, bookings.c.local_date, bookings.c.client_id

    def _within(self) -> list[ColumnElement[bool]]:
        return within(bookings, self.scope)

    def _own(self, name: str) -> Any:
        match name:
            case "service" | "master":
                return self._segments().c[in_row(name)]
            case "booked_through":
                return bookings.c.channel
            case "lead_hours":
                return cast(self._lead() / HOUR, Numeric(12, 1))
            case "lead_days":
                return cast(func.floor(self._lead() / DAY), Integer)
        return bookings.c[in_row(name)]

    def _segments(self) -> Any:
        return self._join("segments", booked_segments, lambda part: part.c.appointment_id == bookings.c.appointment_id)

    def _lead(self) -> ColumnElement[Any]:
        """Seconds; none of what was entered afterwards, and never below zero."""
        seconds = func.greatest(func.extract("epoch", bookings.c.starts - bookings.c.booked_at), 0)
        return case((bookings.c.booked_at.is_not(None), seconds))

    def grouped(self, group_by: tuple[str, ...]) -> Select[Any]:
        """A booking counts once in a group, however many of its segments are in it."""
        known = (
            bookings.c.appointment_id,
            self.client.label("who"),
            bookings.c.status.label("became"),
            self._lead().label("seconds"),
        )
        once = select(*self.keys(group_by), *known).select_from(self.source).where(*self.where).distinct().subquery()
        keys = [once.c[in_row(name)].label(in_row(name)) for name in group_by]
        kept, cancelled, missed = (once.c.became == status for status in ("completed", "cancelled", "no_show"))

        def share(part: ColumnElement[bool], *whole: ColumnElement[bool]) -> ColumnElement[Any]:
            of = func.count().filter(or_(*whole)) if whole else func.count()
            return 100 * cast(func.count().filter(part), Numeric) / func.nullif(of, 0)

        figures: dict[str, ColumnElement[Any]] = {
            "bookings": func.count(),
            "clients": func.count(distinct(once.c.who)),
            "kept": func.count().filter(kept),
            "cancelled": func.count().filter(cancelled),
            "no_shows": func.count().filter(missed),
            "cancelled_percent": share(cancelled),
            "no_show_percent": share(missed, kept, missed),
            "lead_hours": func.avg(once.c.seconds) / HOUR,
        }
        asked = [column.label(name) for name, column in figures.items() if name in {*self.report.measures, "bookings"}]
        return per(keys, select(*keys, *asked).select_from(once))

    def listed(self) -> Select[Any]:
        columns = self.keys(self.report.columns)
        known = bookings.c.appointment_id, self.day.label("day_")
        return select(*known, *columns).select_from(self.source).where(*self.where).distinct()

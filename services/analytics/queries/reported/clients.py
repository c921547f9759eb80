"""Reports of clients: who came on the dates asked for, and what that came to."""

from typing import Any

from sqlalchemy import ColumnElement, Numeric, Select, cast, func, select, true
from sqlalchemy.types import BigInteger

from services.analytics.queries.reported.facts import Facts, in_row, per, within
from services.analytics.queries.segments import People, whom
from services.analytics.tables import first_visits, visits

SUMS = ("visits", "revenue", "discount", "margin")


class Clients(Facts):
    """The filter is that of a segment: of the whole history, up to today."""

    ordered_by = ("day_", "who_")

    def _begin(self) -> None:
        figures = {
            "visits": func.count(),
            "revenue": func.sum(visits.c.revenue),
            "discount": func.sum(visits.c.discount),
            "margin": func.sum(visits.c.revenue - visits.c.cost),
            "last_day": func.max(visits.c.local_date),
        }
        came = (
            select(visits.c.client_id, *(column.label(name) for name, column in figures.items()))
            .where(visits.c.client_id.is_not(None), *within(visits, self.scope))
            .group_by(visits.c.client_id)
            .subquery("came")
        )
        self.came = came
        self.source = came.join(first_visits, first_visits.c.client_id == came.c.client_id)
        self.client = came.c.client_id
        self.day = first_visits.c.local_date

    def _condition(self) -> ColumnElement[bool]:
        if self.report.condition is None:
            return true()
        people = People(self.scope.today, self.scope.one_branch)
        return self.client.in_(whom(self.report.condition, people, self.known_as))

    def _within(self) -> list[ColumnElement[bool]]:
        return []

    def _own(self, name: str) -> Any:
        match name:
            case "first_day":
                return self.day
            case "referred":
                return self._cards().c.referrer_id.is_not(None)
            case "average_check":
                return cast(self.came.c.revenue, Numeric) / self.came.c.visits
        return self.came.c[in_row(name)]

    def grouped(self, group_by: tuple[str, ...]) -> Select[Any]:
        keys = self.keys(group_by)
        sums = {name: cast(func.coalesce(func.sum(self.came.c[name]), 0), BigInteger) for name in SUMS}
        figures: dict[str, ColumnElement[Any]] = {
            "clients": func.count(),
            **sums,
            "average_check": cast(sums["revenue"], Numeric) / func.nullif(sums["visits"], 0),
        }
        asked = [column.label(name) for name, column in figures.items() if name in {*self.report.measures, "clients"}]
        return per(keys, select(*keys, *asked).select_from(self.source).where(*self.where))

    def listed(self) -> Select[Any]:
        columns = self.keys(self.report.columns)
        known = self.client.label("who_"), self.day.label("day_")
        return select(*known, *columns).select_from(self.source).where(*self.where)

"""Reports of visits, or of their parts where they look at these."""

from typing import Any

from sqlalchemy import ColumnElement, Numeric, Select, cast, distinct, func, select
from sqlalchemy.types import BigInteger

from services.analytics.queries.reported.facts import Facts, in_row, per, within
from services.analytics.tables import first_visits, visit_parts, visits


class Visits(Facts):
    def _begin(self) -> None:
        self.facts: Any = visit_parts if self.report.by_parts else visits
        self.source, self.day, self.client = self.facts, self.facts.c.local_date, self.facts.c.client_id

    def _within(self) -> list[ColumnElement[bool]]:
        return within(self.facts, self.scope)

    def _own(self, name: str) -> Any:
        if name == "new":
            return self._newcomer().is_not(None)
        if name == "margin":
            return self.facts.c.revenue - self.facts.c.cost
        if name == "booked_through":
            return self._whole().c.channel
        return self.facts.c[in_row(name)]

    def _whole(self) -> Any:
        """The visit that a part is of."""
        if self.facts is visits:
            return visits
        return self._join("visits", visits, lambda whole: whole.c.appointment_id == self.facts.c.appointment_id)

    def _newcomer(self) -> Any:
        began = self._join("began", first_visits, lambda first: first.c.appointment_id == self.facts.c.appointment_id)
        return began.c.client_id

    def grouped(self, group_by: tuple[str, ...]) -> Select[Any]:
        keys = self.keys(group_by)
        visited = func.count(distinct(self.facts.c.appointment_id))
        sums = {
            name: cast(func.coalesce(func.sum(self.key(name)), 0), BigInteger)
            for name in ("revenue", "discount", "margin")
        }
        wanted = {*self.report.measures, "visits"}
        figures: dict[str, ColumnElement[Any]] = {
            "visits": visited,
            "clients": func.count(distinct(self.client)),
            **sums,
            "average_check": cast(sums["revenue"], Numeric) / func.nullif(visited, 0),
        }
        if wanted & {"new_clients", "cost_per_new_client"}:
            figures["new_clients"] = func.count(distinct(self._newcomer()))
            wanted.add("new_clients")
        asked = [column.label(name) for name, column in figures.items() if name in wanted]
        return per(keys, select(*keys, *asked).select_from(self.source).where(*self.where))

    def listed(self) -> Select[Any]:
        columns = self.keys(self.report.columns)
        known = self.facts.c.appointment_id, self.day.label("day_")
        return select(*known, *columns).select_from(self.source).where(*self.where)

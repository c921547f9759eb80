"""Reports of sources: what came through channels, beside what these cost."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.analytics.domain.channels import channel_key
from services.analytics.domain.conditions import Check, Condition, Every, Not
from services.analytics.domain.costs import Rate, cost_of
from services.analytics.queries.reported.facts import Facts, in_row
from services.analytics.queries.scope import Channels
from services.analytics.tables import source_costs

Found = dict[str, Any]


def with_costs(session: Session, facts: Facts, costs: "Costs") -> tuple[list[Found], Found | None]:
    """Every group with its cost, those that cost and brought nobody too; and all of them together."""
    report = facts.report
    rows = {
        tuple(row[name] for name in report.group_by): dict(row)
        for row in session.execute(facts.grouped(report.group_by)).mappings()
    }
    nothing = dict.fromkeys(("visits", "clients", "new_clients", "revenue", "discount", "margin"), 0)
    for keys, cost in costs.by(report.group_by).items():
        if cost and keys not in rows:
            rows[keys] = dict(zip(report.group_by, keys, strict=True)) | nothing
    for keys, row in rows.items():
        _tell(row, costs.by(report.group_by).get(keys, 0) if costs.known else None)
    found = [row for row in rows.values() if row["visits"] or row["cost"]]
    total = dict(session.execute(facts.grouped(())).mappings().one()) if found else None
    if total is not None:
        _tell(total, costs.by(()).get((), 0) if costs.known else None)
    return _in_order(found, facts)[: report.limit + 1], total


def _tell(row: Found, cost: int | None) -> None:
    row["cost"] = cost
    newcomers = row.get("new_clients")
    row["cost_per_new_client"] = cost / newcomers if cost is not None and newcomers else None


def _in_order(rows: list[Found], facts: Facts) -> list[Found]:
    report = facts.report

    def place(name: str) -> Any:
        return lambda row: (row[name] is None, "" if row[name] is None else row[name])

    for name in reversed(report.group_by):
        rows = sorted(rows, key=place(name))
    if report.order_by is not None:
        name = in_row(report.order_by)
        known = [row for row in rows if row[name] is not None]
        known.sort(key=lambda row: row[name], reverse=report.descending)
        rows = known + [row for row in rows if row[name] is None]
    return rows


class Costs:
    """What channels cost within a scope; `known` only of the chain, because a channel is paid for the chain."""

    def __init__(self, session: Session, facts: Facts) -> None:
        self.scope = facts.scope
        self.known = facts.scope.branches is None
        self._rates: dict[str | None, list[list[Rate]]] = {}
        rates: dict[str, list[Rate]] = {}
        for row in session.execute(select(source_costs)):
            rates.setdefault(str(row.source_id), []).append(Rate(row.month, row.monthly))
        for source, theirs in rates.items():
            name = facts.known_as.name(source)
            if holds(facts.report.condition, name, facts.known_as):
                self._rates.setdefault(name, []).append(theirs)
        self._by: dict[tuple[str, ...], Mapping[tuple[Any, ...], int]] = {}

    def by(self, group_by: tuple[str, ...]) -> Mapping[tuple[Any, ...], int]:
        if group_by not in self._by:
            self._by[group_by] = self._added(group_by) if self.known else {}
        return self._by[group_by]

    def _added(self, group_by: tuple[str, ...]) -> Mapping[tuple[Any, ...], int]:
        """The spans of groups are parts of the period, each rounded once for a source."""
        spans: dict[tuple[tuple[str, Any], ...], tuple[date, date]] = {}
        day = self.scope.first
        while day <= self.scope.last:
            keys = tuple((name, _bucket(name, day)) for name in group_by if name != "source")
            month_ends = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            until = min(month_ends, self.scope.last)
            spans[keys] = (spans[keys][0] if keys in spans else day, until)
            day = until + timedelta(days=1)
        found: dict[tuple[Any, ...], int] = {}
        for keys, (first, last) in spans.items():
            for name, sources in self._rates.items():
                group = tuple((dict(keys) | {"source": name})[each] for each in group_by)
                found[group] = found.get(group, 0) + sum(cost_of(rates, first, last) for rates in sources)
        return found


def _bucket(name: str, day: date) -> str | int:
    if name == "year":
        return day.year
    return f"{day:%Y-%m}" if name == "month" else f"{day.year}-Q{(day.month + 2) // 3}"


def holds(condition: Condition | None, name: str | None, known_as: Channels) -> bool:
    """Whether a filter over sources lets the channel of this name through."""
    if condition is None:
        return True
    if isinstance(condition, Check):
        wanted = condition.value if condition.operator == "in" else (condition.value,)
        return any(each == name or (each and name and channel_key(each) == channel_key(name)) for each in wanted)
    if isinstance(condition, Not):
        return not holds(condition.part, name, known_as)
    parts = (holds(part, name, known_as) for part in condition.parts)
    return all(parts) if isinstance(condition, Every) else any(parts)

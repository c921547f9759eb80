"""Compares what analytics says after an import with what was sent, in total and by month."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from deploy.api import Api
from deploy.importer.plan import PlannedVisit

_PATIENCE_SECONDS = 30.0  # the events need a moment after the last answer
_PAUSE_SECONDS = 0.25


@dataclass(frozen=True)
class Figures:
    visits: int = 0
    revenue: int = 0


@dataclass(frozen=True)
class MonthCompared:
    month: str
    sent: Figures
    shown: Figures

    @property
    def equal(self) -> bool:
        return self.sent == self.shown


def reckon(api: Api, branch_id: str, visits: Sequence[PlannedVisit]) -> list[MonthCompared]:
    """The months of the completed `visits`, as soon as all are equal, or as they stand when patience ends."""
    completed = [visit for visit in visits if visit.status == "completed"]
    sent = by_month(completed)
    if not completed:
        return []
    days = sorted(visit.starts.date() for visit in completed)
    period = {"from": days[0].isoformat(), "to": days[-1].isoformat()}
    patient_until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        answer = api.get("/analytics/visits", group_by="month", branch_id=branch_id, **period)
        shown = {row["month"]: Figures(row["visits"], row["revenue"]["amount"]) for row in answer["rows"]}
        months = [
            MonthCompared(month, sent.get(month, Figures()), shown.get(month, Figures()))
            for month in sorted({*sent, *shown})
        ]
        if all(month.equal for month in months) or time.monotonic() > patient_until:
            return months
        time.sleep(_PAUSE_SECONDS)


def by_month(visits: Sequence[PlannedVisit]) -> dict[str, Figures]:
    """Visits and revenue by the month of the visit's local date."""
    counts: Counter[str] = Counter()
    revenue: Counter[str] = Counter()
    for visit in visits:
        month = f"{visit.starts:%Y-%m}"
        counts[month] += 1
        revenue[month] += visit.revenue
    return {month: Figures(counts[month], revenue[month]) for month in counts}

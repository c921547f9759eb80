"""Periods as people choose them: by their names, or from one day to another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.booking import Branch, ListBranches
from gateway.pages.forms import Form
from gateway.pages.languages import gettext
from gateway.pages.languages import noted as _
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid

PERIODS: Mapping[str, str] = {
    "today": _("Today"),
    "last_7_days": _("Last 7 days"),
    "last_30_days": _("Last 30 days"),
    "last_90_days": _("Last 90 days"),
    "this_month": _("This month"),
    "last_month": _("Last month"),
    "this_year": _("This year"),
    "last_12_months": _("Last 12 months"),
}
BEYOND: Mapping[str, str] = {"last_5_years": _("Last 5 years"), "next_7_days": _("Next 7 days")}


@dataclass(frozen=True)
class Period:
    """Both days included; `name` where it is one of ours."""

    first: date
    last: date
    name: str | None = None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> "Period":
        """As many days that end where this one begins."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def year_before(self) -> "Period":
        return Period(_years_back(self.first, 1), _years_back(self.last, 1))


def named(name: str, today: date) -> Period:
    first_of_month = today.replace(day=1)
    match name:
        case "today":
            first, last = today, today
        case "last_7_days" | "last_30_days" | "last_90_days":
            first, last = today - timedelta(days=int(name.split("_")[1]) - 1), today
        case "this_month":
            first, last = first_of_month, today
        case "last_month":
            last = first_of_month - timedelta(days=1)
            first = last.replace(day=1)
        case "this_year":
            first, last = today.replace(month=1, day=1), today
        case "last_5_years":
            first, last = _years_back(first_of_month, 5), today
        case "next_7_days":
            first, last = today, today + timedelta(days=6)
        case _:
            first, last = _years_back(first_of_month, 1), today
    return Period(first, last, name)


def chosen(form: Form, usual: str, today: date) -> Period:
    """What a query says: two days, or the name of a period, else the usual one."""
    if form.maybe("from") or form.maybe("to"):
        first, last = form.day("from"), form.maybe_day("to") or today
        if first > last:
            raise Invalid.field("from", "period_invalid", gettext("The period ends before it begins."))
        return Period(first, last)
    name = form.maybe("period") or usual
    return named(name if name in PERIODS or name in BEYOND else usual, today)


def branches_of(visitor: Visitor) -> list[Branch]:
    """Those whose figures are the visitor's."""
    return [branch for branch in visitor.all_if(ListBranches) if visitor.caller.in_branch(branch.id)]


def _years_back(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)

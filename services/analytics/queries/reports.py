"""Reports evaluated for their viewer."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, nulls_last, select
from sqlalchemy.orm import Session

from contracts.analytics import ReportRow, ReportRows
from contracts.message import UNSET
from kernel.caller import Caller
from kernel.money import Money
from services.analytics.domain.periods import check_period
from services.analytics.domain.reports import Report, definition, report_of
from services.analytics.queries.reported import FACTS
from services.analytics.queries.reported.facts import JUDGED, Facts, Scope, in_row
from services.analytics.queries.reported.sources import Costs, with_costs
from services.analytics.queries.scope import branches_asked_for, channels, currency

MONEY = ("revenue", "discount", "margin", "average_check", "cost", "cost_per_new_client")
NUMBERS = {"cancelled_percent": "0.01", "no_show_percent": "0.01", "lead_hours": "0.1"}
NOTHING: Mapping[str, Literal["no_visits", "no_bookings", "no_clients"]] = {
    "visits": "no_visits",
    "sources": "no_visits",
    "bookings": "no_bookings",
    "clients": "no_clients",
}


def evaluate(
    session: Session,
    document: Mapping[str, Any],
    period: tuple[date, date],
    branch_id: UUID | None,
    caller: Caller,
    today: date,
) -> ReportRows:
    """A report over the dates of `period` (both included) and the branches that the caller may see."""
    scope = Scope(*period, branches_asked_for(caller, branch_id), today)
    check_period(*period)
    report = report_of(document)
    columns = tuple(in_row(name) for name in (*report.group_by, *report.measures, *report.columns))
    if _is_hidden(report, scope):
        return ReportRows(columns, (), definition(report), reason="branches_hidden")
    facts = FACTS[report.of](report, scope, channels(session))
    rows, total = _found(session, facts, report)
    money = currency(session)
    return ReportRows(
        columns,
        tuple(_row(row, columns, money) for row in rows[: report.limit]),
        definition(report),
        None if total is None else _row(total, tuple(map(in_row, report.measures)), money),
        more=len(rows) > report.limit,
        reason=None if rows else NOTHING[report.of],
    )


def _is_hidden(report: Report, scope: Scope) -> bool:
    """Whether all the branches that the filter names are others than those that are looked at."""
    named = report.branches_named
    return bool(named) and scope.branches is not None and not named & set(scope.branches)


def _found(session: Session, facts: Facts, report: Report) -> tuple[list[Any], Any]:
    """The rows with one more than are shown, where there are; and of a grouped report what all come to together."""
    if report.of == "sources":
        return with_costs(session, facts, Costs(session, facts))
    counted = report.subject.counted
    found = list(session.execute(_in_order(facts, report).limit(report.limit + 1)).mappings())
    if report.kind == "list":
        return found, None
    found = [row for row in found if row[counted]]
    return found, session.execute(facts.grouped(())).mappings().one() if found else None


def _in_order(facts: Facts, report: Report) -> Select[Any]:
    """The rows in the order asked for, and among equals always in the same."""
    each = (facts.listed() if report.kind == "list" else facts.grouped(report.group_by)).subquery()
    always = [*facts.ordered_by, *report.columns] if report.kind == "list" else report.group_by
    order = [nulls_last(each.c[in_row(name)]) for name in always]
    if report.order_by is not None:
        first = each.c[in_row(report.order_by)]
        order.insert(0, nulls_last(first.desc() if report.descending else first))
    return select(each).order_by(*order)


def _row(row: Mapping[str, Any], columns: tuple[str, ...], money: str) -> ReportRow:
    values: dict[str, Any] = {name: _shown(name, row[name], money) for name in columns}
    if "client_id" in values:
        values |= {"name": None}  # the gateway puts it in for those who may know it
    return ReportRow(appointment_id=row.get("appointment_id", UNSET), **values)


def _shown(name: str, value: Any, money: str) -> Any:
    if value is None:
        return None
    if name in MONEY:
        return Money(int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)), money)
    if name in NUMBERS:
        return Decimal(value).quantize(Decimal(NUMBERS[name]), ROUND_HALF_UP)
    return JUDGED[name][value] if name in JUDGED else value

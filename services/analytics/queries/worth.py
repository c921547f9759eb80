"""What clients are worth: visits to expect of them, and the money of their next year."""

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts import analytics as wire
from kernel.caller import Caller
from kernel.money import Money
from services.analytics.domain import rfm
from services.analytics.domain.networks import DEPTH
from services.analytics.domain.trials import Fitted
from services.analytics.queries.learnt import newest_report
from services.analytics.queries.scope import branches_asked_for, currency
from services.analytics.queries.standings import OF_WHOM, back_test, number, percent, whose

WORTH_SAYS = (
    "Revenue, and margin (revenue after discounts, less costs where they are told), to expect within a year, "
    "discounted by 10 % a year: visits by the model of buying that beat the rule, the check by Gamma-Gamma. Network "
    f"value: the margin of those whom a client brought and whom these brought, {DEPTH} levels down, as of the morning; "
    f"somebody counts for each client above them, so it does not add up to the value of all. {OF_WHOM}"
)


def lifetime_value(session: Session, request: wire.ShowLifetimeValue, caller: Caller) -> wire.LifetimeValue:
    of = whose(branches_asked_for(caller, request.branch_id))
    report = newest_report(session)
    if report is None:
        return wire.LifetimeValue(None, None, (), (), None, WORTH_SAYS, "not_computed_yet")
    fitted = report.learnt.fitted
    model = next((name for name in fitted.tried.shown if name in fitted.buying), None) if fitted.tried else None
    rows: tuple[wire.WorthRow, ...] = ()
    reason: str | None = fitted.reason or "rule_not_beaten"
    if model is not None:
        rows, reason = _worth_rows(session, of) if fitted.spending or fitted.earning else ((), "too_few_checks")
    tested, parameters = back_test(fitted.tried), _parameters(fitted, model)
    told = percent(report.learnt.costs_told)
    return wire.LifetimeValue(report.as_of, model, parameters, rows, tested, WORTH_SAYS, reason, told)


def _parameters(fitted: Fitted, model: str | None) -> tuple[wire.Parameter, ...]:
    if model is None:
        return ()
    buying = fitted.buying[model]
    found = [(name, getattr(buying, name)) for name in ("k", "r", "alpha", "a", "b", "log_likelihood")]
    for prefix, checks in (("", fitted.spending), ("margin_", fitted.earning)):
        found += [(f"{prefix}{name}", getattr(checks, name)) for name in ("p", "q", "v") if checks is not None]
    return tuple(wire.Parameter(name, Decimal(f"{value:.4f}")) for name, value in found)


def _worth_rows(session: Session, of: Any) -> tuple[Any, str | None]:
    worth = (func.sum(column) for column in (of.c.value, of.c.margin_value, of.c.network_value))
    asked = (
        select(of.c.segment, func.count(), func.sum(of.c.expected), *worth)
        .where(of.c.expected.is_not(None))
        .group_by(of.c.segment)
        .order_by(of.c.segment)
    )
    money = currency(session)
    rows = tuple(
        wire.WorthRow(
            rfm.SEGMENTS[segment],
            clients,
            number(visits),  # type: ignore[arg-type]
            *(None if each is None else Money(round(each), money) for each in sums),
        )
        for segment, clients, visits, *sums in session.execute(asked)
    )
    return rows, None if rows else "no_visits"

"""Where clients stand, as it was judged: in segments and states, and one by one."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import BigInteger, Integer, Select, and_, cast, false, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts import analytics as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.money import Money
from services.analytics.domain import rfm
from services.analytics.domain.backtests import Score
from services.analytics.domain.histories import Histories
from services.analytics.domain.intervals import STATES, Borders
from services.analytics.domain.standings import NEW_DAYS, Learnt, returns_within
from services.analytics.domain.trials import HORIZON, WINDOW, Tried
from services.analytics.queries.learnt import Report, kept_borders, newest_report
from services.analytics.queries.scope import branches_asked_for, currency
from services.analytics.tables import client_standings

ZERO = date(2000, 1, 1)
OF_WHOM = (
    "A client of several branches counts once in each; of several that are asked for together, where they were last."
)
SEGMENTS_SAY = (
    f"Completed visits of the {WINDOW} days before the date; each score from 1 to 5 by fifths of the clients, equals "
    f"alike (fixed borders below {rfm.FEWEST} clients). New: one visit, less than {NEW_DAYS} days ago. {OF_WHOM}"
)
CHURN_SAYS = (
    "Days since the last completed visit, divided by the personal interval: (n × own middle gap + 3 × usual gap) ÷ "
    "(n + 3), n own gaps. A client belongs to the master who did most of their last visit, and to what it was for. "
    f"{OF_WHOM}"
)


def number(value: float | None, places: int = 2) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.{places}f}")


def percent(share: float | None) -> Decimal | None:
    return None if share is None else number(share * 100)


def whose(branches: Collection[UUID] | None) -> Any:
    """Rows to count: of the chain, of a branch, or of several with everybody once."""
    table = client_standings
    if branches is None:
        return select(table).where(table.c.branch_id.is_(None)).subquery()
    if not branches:
        return select(table).where(false()).subquery()
    if len(branches) == 1:
        return select(table).where(table.c.branch_id == next(iter(branches))).subquery()
    once: Select[Any] = (
        select(table)
        .where(table.c.branch_id.in_(branches))
        .ext(distinct_on(table.c.client_id))
        .order_by(table.c.client_id, table.c.last_day.desc(), table.c.branch_id)
    )
    return once.subquery()


def _sum(column: Any) -> Any:
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


# --- segments -------------------------------------------------------------------------------------------------------


def segments(session: Session, request: wire.ShowSegments, caller: Caller) -> wire.Segments:
    """All segments, empty ones too, so that a chart has them in one order."""
    branches = branches_asked_for(caller, request.branch_id)
    report = newest_report(session)
    rows: tuple[wire.SegmentRow, ...] = ()
    borders: wire.ScoreBorders | None = None
    reason: str | None = "not_computed_yet"
    if report is not None:
        rows, reason = _segment_rows(session, whose(branches), request.recency, report.learnt.usual is None)
        borders = _score_borders(report.learnt, request) if rows else None
    return wire.Segments(report.as_of if report else None, WINDOW, request.recency, rows, borders, SEGMENTS_SAY, reason)


def _segment_rows(session: Session, of: Any, recency: str, without_intervals: bool) -> tuple[Any, str | None]:
    column = of.c.segment if recency == "days" else of.c.segment_by_interval
    asked = select(column, func.count(), cast(_sum(of.c.visits), Integer), _sum(of.c.revenue)).group_by(column)
    found = {segment: (clients, visits, revenue) for segment, clients, visits, revenue in session.execute(asked)}
    if not found:
        return (), "no_visits"
    if recency == "interval" and (without_intervals or set(found) == {None}):
        return (), "too_few_gaps"
    money = currency(session)

    def row(place: int, name: rfm.Segment) -> wire.SegmentRow:
        clients, visits, revenue = found.get(place, (0, 0, 0))
        return wire.SegmentRow(name, rfm.MEANING[name], clients, visits, Money(revenue, money))

    return tuple(row(place, name) for place, name in enumerate(rfm.SEGMENTS)), None


def _score_borders(learnt: Learnt, request: wire.ShowSegments) -> wire.ScoreBorders | None:
    at = learnt.branches.get(request.branch_id.int) if request.branch_id else learnt
    found = at and (at.classic if request.recency == "days" else at.relative)
    if not found:
        return None

    def shown(cuts: rfm.Cuts, sign: int = 1) -> tuple[Decimal | None, ...]:
        return tuple(number(sign * cut) if abs(cut) < rfm.NOBODY else None for cut in cuts)

    money = tuple(round(cut) if cut < rfm.NOBODY else None for cut in found.money)
    return wire.ScoreBorders(shown(found.recency, -1), shown(found.frequency), money, found.fixed)


# --- states ---------------------------------------------------------------------------------------------------------


def churn(session: Session, request: wire.ShowChurn, caller: Caller) -> wire.Churn:
    branches = branches_asked_for(caller, request.branch_id)
    report = newest_report(session)
    reason = why_no_states(report)
    of = whose(branches)
    states = () if reason else _state_counts(session, of, report)
    if not reason and not any(each.clients for each in states):
        states, reason = (), "no_visits"
    learnt = report.learnt if report else None
    tried = learnt.fitted.tried if learnt else None
    return wire.Churn(
        as_of=report.as_of if report else None,
        usual_days=number(learnt.usual if learnt else None),
        borders=_state_borders(learnt.borders if learnt else Borders()),
        states=states,
        branches=() if reason else _by_branch(session, branches),
        masters=() if reason else _by(session, of, of.c.master_id, "master_id"),
        services=() if reason else _by(session, of, of.c.service_id, "service_id"),
        model=None if reason else (tried.shown[0] if tried and tried.shown else "rule"),
        model_reason=learnt.fitted.reason if learnt else None,
        back_test=back_test(tried),
        definition=CHURN_SAYS,
        reason=reason,
    )


def why_no_states(report: Report | None) -> str | None:
    """What is missing before clients can be told to be due or sleeping."""
    if report is None:
        return "not_computed_yet"
    return "too_few_gaps" if report.learnt.usual is None else None


def _state_counts(session: Session, of: Any, report: Report | None) -> tuple[wire.StateCount, ...]:
    assert report is not None
    counts = (func.count(), _sum(of.c.revenue), func.avg(of.c.returns))
    asked = select(of.c.state, *counts).where(of.c.state.is_not(None)).group_by(of.c.state)
    found = {state: rest for state, *rest in session.execute(asked)}
    nobody = (0, 0, None)
    money = currency(session)
    shares = report.learnt.rates
    return tuple(
        wire.StateCount(
            name,
            found.get(place, nobody)[0],
            Money(found.get(place, nobody)[1], money),
            None if shares is None else percent(float(shares[place])),
            percent(found.get(place, nobody)[2]),
        )
        for place, name in enumerate(STATES)
    )


def _by_branch(session: Session, branches: Collection[UUID] | None) -> tuple[wire.StatesOf, ...]:
    table = client_standings
    asked = table.c.branch_id.is_not(None) if branches is None else table.c.branch_id.in_(branches)
    return _by(session, select(table).where(asked).subquery(), "branch_id", "branch_id")


def _by(session: Session, of: Any, column: Any, name: str) -> tuple[wire.StatesOf, ...]:
    key = of.c[column] if isinstance(column, str) else column
    counts = [func.count().filter(of.c.state == place).label(state) for place, state in enumerate(STATES)]
    rows = session.execute(select(key, *counts).where(of.c.state.is_not(None)).group_by(key).order_by(key))
    return tuple(wire.StatesOf(*row[1:], **{name: row[0]}) for row in rows)


def _state_borders(borders: Borders) -> wire.StateBorders:
    due, at_risk, sleeping, lost = (
        Decimal(str(each)) for each in (borders.due, borders.at_risk, borders.sleeping, borders.lost)
    )
    return wire.StateBorders(due, at_risk, sleeping, lost, borders.lost_days)


def churn_settings(session: Session, caller: Caller) -> wire.ChurnSettings:
    """They are no secret of a branch."""
    caller.must("analytics.read")
    return settings_kept(session)


def settings_kept(session: Session) -> wire.ChurnSettings:
    version, borders = kept_borders(session)
    at = _state_borders(borders)
    return wire.ChurnSettings(version, at.due, at.at_risk, at.sleeping, at.lost, at.lost_days)


def back_test(tried: Tried | None) -> wire.ModelTrial | None:
    """The rule first, then the models, the best first."""
    if tried is None:
        return None

    def score(name: str, of: Score) -> wire.ModelScore:
        groups = tuple(wire.CalibrationGroup(each.people, percent(each.said), percent(each.came)) for each in of.groups)  # type: ignore[arg-type]
        return wire.ModelScore(name, number(of.auc, 4), number(of.brier, 4), name in tried.shown, groups)  # type: ignore[arg-type]

    models = sorted(tried.models.items(), key=lambda each: each[1].brier)
    scores = (score("rule", tried.rule), *(score(name, of) for name, of in models))
    return wire.ModelTrial(ZERO + timedelta(days=tried.split), HORIZON, tried.people, scores)


# --- one by one -----------------------------------------------------------------------------------------------------


def standings(session: Session, request: wire.ListStandings, caller: Caller) -> Page[wire.ClientStanding]:
    of = whose(branches_asked_for(caller, request.branch_id))
    report = newest_report(session)
    if report is None:
        return Page(())
    segment = of.c.segment if request.recency == "days" else of.c.segment_by_interval
    wanted = select(of).order_by(of.c.revenue.desc(), of.c.client_id).limit(request.limit + 1)
    if request.segment is not None:
        wanted = wanted.where(segment == rfm.SEGMENTS.index(request.segment))
    if request.state is not None:
        wanted = wanted.where(of.c.state == STATES.index(request.state))
    if request.master_id is not None:
        wanted = wanted.where(of.c.master_id == request.master_id)
    if request.service_id is not None:
        wanted = wanted.where(of.c.service_id == request.service_id)
    if request.cursor is not None:
        revenue, last = decode_cursor(request.cursor, int, UUID)
        wanted = wanted.where(or_(of.c.revenue < revenue, and_(of.c.revenue == revenue, of.c.client_id > last)))
    rows = session.execute(wanted).all()
    shown, money = rows[: request.limit], currency(session)
    more = encode_cursor(shown[-1].revenue, shown[-1].client_id) if len(rows) > request.limit else None
    chances = _chances(shown, report.learnt, request.within_days)
    said = zip(shown, chances, strict=True)
    return Page(tuple(_standing(row, report.as_of, request.recency, money, chance) for row, chance in said), more)


def _chances(rows: Sequence[Any], learnt: Learnt, days: int) -> list[float | None]:
    """Of a visit within so many days; those within HORIZON are kept."""
    if days == HORIZON or not rows or any(row.interval is None for row in rows):
        return [row.returns if days == HORIZON else None for row in rows]
    names = ("days", "visits", "revenue", "spent", "earned", "middle_gap", "gap_logs", "interval")
    columns = {name: np.array([getattr(row, name) for row in rows]) for name in names}
    first, last = (np.array([(getattr(row, name) - ZERO).days for row in rows]) for name in ("first_day", "last_day"))
    interval = columns.pop("interval")
    medians, logs = columns.pop("middle_gap"), columns.pop("gap_logs")
    of = Histories(np.arange(len(rows)), first, last, medians=medians, logs=logs, **columns)
    found = returns_within(of, learnt, interval, days)
    return [None if np.isnan(each) else float(each) for each in found]


def _standing(row: Any, as_of: date, recency: str, money: str, chance: float | None) -> wire.ClientStanding:
    def worth(value: float | None) -> Money | None:
        return None if value is None else Money(round(value), money)

    by_days = recency == "days" or row.segment_by_interval is None
    days = max((as_of - row.last_day).days, 0)
    return wire.ClientStanding(
        client_id=row.client_id,
        scores=row.scores if by_days else row.scores_by_interval,
        segment=rfm.SEGMENTS[row.segment if by_days else row.segment_by_interval],
        first_visit=row.first_day,
        last_visit=row.last_day,
        days_since=days,
        visits=row.visits,
        revenue=Money(row.revenue, money),
        master_id=row.master_id,
        interval_days=number(row.interval, 1),
        overdue=number(row.ratio),
        state=None if row.state is None else STATES[row.state],
        returns_percent=percent(chance),
        alive_percent=percent(row.alive),
        expected_visits=number(row.expected),
        value=worth(row.value),
        causes=causes(row, days),
        service_id=row.service_id,
        margin_value=worth(row.margin_value),
        network_value=worth(row.network_value),
    )


def causes(row: Any, days: int) -> tuple[str, ...]:
    """Why somebody is in their state, the weightiest first; nothing about who comes as ever."""
    if row.state is None or STATES[row.state] == "active":
        return ()
    said = [f"{days} days since the last visit, {row.ratio:.1f} times the {row.interval:.0f} days to expect"]
    if row.days == 1:
        said.append("came only once, so the interval is the usual one")
    if row.alive is not None and row.alive < 0.5:
        said.append(f"gone for good with {row.alive * -100 + 100:.0f} %, by the model of buying")
    if row.visits == 0:
        said.append(f"no visit within {WINDOW} days")
    return tuple(said)

"""Who of those who are expected is likely not to come: for reminders, and never for refusing somebody."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session

from chassis.aside import Lane
from contracts import analytics as wire
from kernel.caller import Caller
from kernel.errors import Invalid
from services.analytics.domain.backtests import Score
from services.analytics.domain.foretelling import Appointments, Foretold, Trial, learn
from services.analytics.domain.periods import check_period
from services.analytics.queries.scope import branches_asked_for
from services.analytics.queries.standings import number, percent
from services.analytics.tables import bookings

LEARNT_DAYS = 365  # that are looked at
MOST = 20_000  # of their appointments, the last ones
MOST_DAYS = 31
SAYS = (
    f"Learnt from appointments of the last {LEARNT_DAYS} days that were booked beforehand and kept or missed, at most "
    f"{MOST}. Rule: (α + missed) ÷ (α + β + appointments) of the client, α and β by the moments of all clients. "
    "Logistic regression: how long ahead, time of day, weekday and channel of the booking, whether the client is new, "
    "and the rule; it is shown if, learnt from the earlier three quarters, it ranked the last quarter better (AUC), "
    "erred less (Brier), and its groups were no further off than those of the rule or ten points; the rule is shown if "
    "it erred less than one share for all. For reminders and deposits, never for refusing somebody."
)
DECIDED = bookings.c.status.in_(("completed", "no_show"))
AWAITED = bookings.c.status.in_(("booked", "confirmed"))

counting = Lane()


def likely_no_shows(
    session: Session, request: wire.ListLikelyNoShows, caller: Caller, now: datetime
) -> wire.LikelyNoShows:
    branches = branches_asked_for(caller, request.branch_id)
    check_period(request.from_, request.to)
    if (request.to - request.from_).days >= MOST_DAYS:
        raise Invalid.field("to", "period_too_long", f"at most {MOST_DAYS} days at once")
    rows = _rows(session, request, branches, now)
    known = [row for row in rows if row.decided_now][-MOST:]
    awaited = [row for row in rows if not row.decided_now]
    found, chances = counting(_foretold, known, awaited)
    items = sorted(
        zip(awaited, chances, strict=True),
        key=lambda each: (-(each[1] or 0.0), each[0].starts, each[0].appointment_id),
    )
    return wire.LikelyNoShows(
        model="logistic" if found.logistic else "rule" if found.prior else None,
        back_test=None if found.trial is None else _trial(found.trial, found),
        items=tuple(_item(row, chance) for row, chance in items[: request.limit]),
        definition=SAYS,
        reason=found.reason,
    )


def _rows(
    session: Session, request: wire.ListLikelyNoShows, branches: Collection[UUID] | None, now: datetime
) -> Sequence[Row[Any]]:
    """What was decided and what is awaited, each with the past of its client, in order of their starts."""
    before: dict[str, Any] = {
        "partition_by": bookings.c.client_id,
        "order_by": (bookings.c.starts, bookings.c.appointment_id),
        "rows": (None, -1),
    }
    today: date = now.date()
    past = and_(DECIDED, bookings.c.starts <= now, bookings.c.local_date > today - timedelta(days=LEARNT_DAYS))
    ahead = and_(AWAITED, bookings.c.starts > now, bookings.c.local_date.between(request.from_, request.to))
    asked = select(
        bookings.c.appointment_id,
        bookings.c.client_id,
        bookings.c.branch_id,
        bookings.c.local_date,
        bookings.c.starts,
        bookings.c.booked_at,
        bookings.c.minute,
        bookings.c.status,
        bookings.c.channel,
        DECIDED.label("decided_now"),
        func.count().filter(DECIDED).over(**before).label("decided"),
        func.count().filter(bookings.c.status == "no_show").over(**before).label("missed"),
    ).where(bookings.c.client_id.is_not(None), bookings.c.booked_at < bookings.c.starts, or_(past, ahead))
    if branches is not None:
        asked = asked.where(bookings.c.branch_id.in_(branches))
    return session.execute(asked.order_by(bookings.c.starts, bookings.c.appointment_id)).all()


def _foretold(known: Sequence[Row[Any]], awaited: Sequence[Row[Any]]) -> tuple[Foretold, list[float | None]]:
    found = learn(_appointments(known), np.array([row.status == "no_show" for row in known], dtype=bool))
    chances = found.probability(_appointments(awaited)) if awaited else None
    return found, [None] * len(awaited) if chances is None else chances.tolist()


def _appointments(rows: Sequence[Row[Any]]) -> Appointments:
    places: dict[UUID, int] = {}
    return Appointments(
        lead=np.array([(row.starts - row.booked_at).total_seconds() / 3600 for row in rows], dtype=np.float64),
        minute=np.array([row.minute for row in rows], dtype=np.int64),
        weekday=np.array([row.local_date.weekday() for row in rows], dtype=np.int64),
        channel=np.array([row.channel or "" for row in rows], dtype=np.str_),
        missed=np.array([row.missed for row in rows], dtype=np.int64),
        decided=np.array([row.decided for row in rows], dtype=np.int64),
        client=np.array([places.setdefault(row.client_id, len(places)) for row in rows], dtype=np.int64),
    )


def _item(row: Row[Any], chance: float | None) -> wire.AwaitedAppointment:
    return wire.AwaitedAppointment(
        row.appointment_id,
        row.client_id,
        row.branch_id,
        row.starts,
        row.status,
        row.decided,
        row.missed,
        percent(chance),
    )


def _trial(of: Trial, found: Foretold) -> wire.NoShowTrial:
    def score(name: str, of: Score, *, shown: bool) -> wire.NoShowScore:
        groups = tuple(
            wire.MissedGroup(each.people, percent(each.said), percent(each.came))  # type: ignore[arg-type]
            for each in of.groups
        )
        return wire.NoShowScore(name, number(of.auc, 4), number(of.brier, 4), shown, groups)  # type: ignore[arg-type]

    scores = [score("rule", of.rule, shown=found.prior is not None and found.logistic is None)]
    if of.logistic is not None:
        scores.append(score("logistic", of.logistic, shown=found.logistic is not None))
    return wire.NoShowTrial(of.appointments, tuple(scores))

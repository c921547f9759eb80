"""How reliable clients are: what they booked, missed and cancelled, and how likely they miss the next one."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, Integer, Select, cast, func, select
from sqlalchemy.orm import Session

from contracts import analytics as wire
from kernel.caller import Caller
from services.analytics.domain.absences import FEWEST, Prior, is_better, prior
from services.analytics.domain.periods import check_period
from services.analytics.queries.scope import branches_asked_for
from services.analytics.queries.standings import percent
from services.analytics.tables import bookings

TESTED = 4  # the last part of a period, one in so many, tries what the earlier ones say
SAYS = (
    "Appointments of the period that were kept or missed; cancelled ones stand apart. The probability is (α + missed) "
    "÷ (α + β + appointments), α and β by the moments of all clients; it is shown if over the last quarter of the "
    f"period it was nearer to what happened than one share for all, and where {FEWEST} clients have two appointments. "
    "For reminders and deposits, never for refusing somebody."
)
MISSED, DONE = bookings.c.status == "no_show", bookings.c.status.in_(("completed", "no_show"))


def no_shows(session: Session, request: wire.ShowNoShows, caller: Caller) -> wire.NoShows:
    """The least reliable clients first."""
    branches = branches_asked_for(caller, request.branch_id)
    check_period(request.from_, request.to)
    each = _by_client(request.from_, request.to, branches)
    found, reason = _prior(session, each)
    asked = select(func.coalesce(func.sum(each.c.booked), 0), func.coalesce(func.sum(each.c.missed), 0))
    booked, missed = (int(value) for value in session.execute(asked).one())
    rows = session.execute(_least_reliable(each, found).limit(request.limit)).all() if missed else []
    share = percent(missed / booked) if booked else None
    return wire.NoShows(booked, missed, share, _items(rows, found), SAYS, reason if booked else "no_appointments")


def _by_client(first: date, last: date, branches: Collection[UUID] | None) -> Any:
    split = last - timedelta(days=(last - first).days // TESTED)
    early = bookings.c.local_date <= split

    def count(*what: ColumnElement[bool]) -> Any:
        return cast(func.count().filter(*what), Integer)

    asked: Select[Any] = select(
        bookings.c.client_id,
        count(DONE).label("booked"),
        count(MISSED).label("missed"),
        count(bookings.c.status == "cancelled").label("cancelled"),
        count(DONE, early).label("booked_before"),
        count(MISSED, early).label("missed_before"),
    ).where(bookings.c.client_id.is_not(None), bookings.c.local_date.between(first, last))
    if branches is not None:
        asked = asked.where(bookings.c.branch_id.in_(branches))
    return asked.group_by(bookings.c.client_id).subquery()


def _prior(session: Session, each: Any) -> tuple[Prior | None, str | None]:
    """What is expected of everybody, if it is worth something; else why there is none."""
    alike = (each.c.booked, each.c.missed, each.c.booked_before, each.c.missed_before)
    rows = session.execute(select(*alike, func.count()).group_by(*alike)).all()
    if not rows:
        return None, "no_appointments"
    booked, missed, booked_before, missed_before, people = np.array(rows, dtype=np.int64).T
    found = prior(np.repeat(missed, people), np.repeat(booked, people))
    before = prior(np.repeat(missed_before, people), np.repeat(booked_before, people))
    if found is None or before is None:
        return None, "too_few_clients"
    after = np.stack([booked - booked_before, missed - missed_before]) * people
    verdict = is_better(before, missed_before, booked_before, after[1], after[0])
    if verdict is None:
        return None, "too_few_to_try"
    return (found, None) if verdict else (None, "rule_not_beaten")


def _least_reliable(each: Any, found: Prior | None) -> Select[Any]:
    """By probability, or without one by how many were missed; only who missed some."""
    wanted = select(each).where(each.c.missed > 0)
    if found is None:
        return wanted.order_by(each.c.missed.desc(), each.c.booked, each.c.client_id)
    likely = (found.alpha + each.c.missed) / (found.alpha + found.beta + each.c.booked)
    return wanted.order_by(likely.desc(), each.c.client_id)


def _items(rows: Any, found: Prior | None) -> tuple[wire.Reliability, ...]:
    missed = np.array([row.missed for row in rows], dtype=np.float64)
    booked = np.array([row.booked for row in rows], dtype=np.float64)
    said: Any = [(None, None, None)] * len(rows)
    if found is not None and rows:
        low, high = found.between(missed, booked)
        said = list(zip(found.probability(missed, booked), low, high, strict=True))
    return tuple(
        wire.Reliability(
            row.client_id, row.booked, row.missed, row.cancelled, percent(likely), percent(low), percent(high)
        )
        for row, (likely, low, high) in zip(rows, said, strict=True)
    )

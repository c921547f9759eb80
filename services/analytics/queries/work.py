"""What work brought and how it went, by period, branch and master."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from contracts.analytics import ShowWork, WorkFigures, WorkRow
from kernel.caller import Caller
from kernel.money import Money
from services.analytics.domain.periods import check_period
from services.analytics.domain.shares import average, percent
from services.analytics.domain.work import DEFINITION, REBOOKED_WITHIN, check_length
from services.analytics.queries.buckets import BUCKETS, in_branches, period_of
from services.analytics.queries.scope import branches_asked_for, currency
from services.analytics.queries.spans import spans

LATELY = timedelta(days=3)  # from the end of any earlier visit a day has passed, wherever in the world
KEYS = {"branch": "branch_id", "master": "master_id"}
SETTLED = ("settled", "rebooked")
COUNTS = (
    *("appointments", "kept", "cancelled", "cancelled_by_client", "missed"),
    *("arrivals", "late", "late_minutes", *SETTLED),
)
FIGURES = ("visits", "revenue", *COUNTS)
SUMS = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in FIGURES)
NONE_COUNTED = ", ".join(f"0 AS {name}" for name in COUNTS)
LESS_SETTLED = ", ".join(f"-{name}" if name in SETTLED else "0" for name in COUNTS)

# What visits brought, how appointments went, and less what was counted of days from which no day has passed yet.
WORK = f"""
    WITH brought AS (
        SELECT since AS local_date, * FROM figures WHERE kind = :kind AND {{spans}} AND {{of}}
    ), kept AS (
        SELECT since AS local_date, * FROM went WHERE {{spans}} AND {{whose}} {{scope}}
    ), not_yet AS (
        SELECT since AS local_date, * FROM went WHERE span = 'day' AND since BETWEEN :lately AND :last
            AND over_at + CAST(:within AS INTERVAL) > :now AND {{whose}} {{scope}}
    )
    SELECT since {{keys}}, {SUMS} FROM (
        SELECT {{bucket}} AS since {{keys}}, visits, revenue, {NONE_COUNTED} FROM brought
        UNION ALL
        SELECT {{bucket}} {{keys}}, 0, 0, {", ".join(COUNTS)} FROM kept
        UNION ALL
        SELECT {{bucket}} {{keys}}, 0, 0, {LESS_SETTLED} FROM not_yet
    ) AS one GROUP BY since {{keys}} ORDER BY since {{keys}}
"""  # noqa: S608  names of ours


def work(session: Session, asked: ShowWork, now: datetime, caller: Caller) -> WorkFigures:
    """A row for each period, branch and master asked for with a visit or an appointment."""
    branches = branches_asked_for(caller, asked.branch_id)
    check_period(asked.from_, asked.to)
    check_length(asked.from_, asked.to)
    names = [KEYS[key] for key in KEYS if key in asked.group_by]
    within, words = spans(asked.from_, asked.to, by_month=asked.bucket in ("month", "period"))
    shape = {
        "bucket": BUCKETS[asked.bucket],
        "keys": "".join(f", {name}" for name in names),
        "spans": within,
        "scope": in_branches(branches),
    }
    of_master, of_branches = "master_id" in names, branches is not None or "branch_id" in names
    shape["of"] = f"branch_id IS {'NOT ' if of_branches else ''}NULL {shape['scope']}"
    shape["of"] += " AND master_id IS NOT NULL" if of_master else ""
    shape["whose"] = f"master_id IS {'NOT ' if of_master else ''}NULL"
    given = words | {"now": now, "within": REBOOKED_WITHIN}
    given |= {"lately": max(asked.from_, now.date() - LATELY), "last": asked.to}
    given |= {"kind": "master" if of_master else "visit", "branches": None if branches is None else list(branches)}
    money = currency(session)
    found = session.execute(text(WORK.format(**shape)), given)
    rows = tuple(_row(row, names, asked.bucket, money) for row in found)
    return WorkFigures(rows, DEFINITION, None if rows else "nothing_booked")


def _row(found: Row[Any], names: Sequence[str], bucket: str, money: str) -> WorkRow:
    since, *of = found[: 1 + len(names)]  # by place: there may be thousands of rows, and a name is looked up for each
    visits, revenue, appointments, kept, cancelled, by_client, missed, *timely = found[1 + len(names) :]
    arrivals, late, late_minutes, settled, rebooked = timely
    check = average(revenue, visits)
    keys: dict[str, Any] = dict(zip(names, of, strict=True))
    if since is not None:
        keys["period"] = period_of(since, bucket)
    return WorkRow(
        visits=visits,
        revenue=Money(revenue, money),
        average_check=None if check is None else Money(check, money),
        settled=settled,
        rebooked=rebooked,
        rebooked_percent=percent(rebooked, settled),
        appointments=appointments,
        kept=kept,
        cancelled=cancelled,
        cancelled_by_client=by_client,
        cancelled_percent=percent(cancelled, appointments),
        missed=missed,
        missed_percent=percent(missed, kept + missed),
        arrivals=arrivals,
        late=late,
        late_percent=percent(late, arrivals),
        average_late_minutes=average(late_minutes, arrivals),
        **keys,
    )

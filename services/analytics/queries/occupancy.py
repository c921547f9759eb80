"""How much of open time is booked, by period, branch, master and unit; and when masters are idle."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from contracts.analytics import (
    IdleWindow,
    IdleWindows,
    Occupancy,
    OccupancyRow,
    ShowIdleWindows,
    ShowOccupancy,
)
from kernel.caller import Caller
from kernel.errors import Invalid
from kernel.time import Interval
from services.analytics.domain.occupancy import IDLE, MASTERS, UNITS, idle, offset_of
from services.analytics.domain.periods import check_period
from services.analytics.domain.shares import percent
from services.analytics.queries.buckets import BUCKETS, WORKED, in_branches, period_of
from services.analytics.queries.scope import branches_asked_for
from services.analytics.queries.spans import spans

IDLE_DAYS = 31

# What a branch is booked for together has rows of its own, so that one day of it is one row.
TIMES = "open_minutes, busy_minutes, outside_minutes"
OF_MASTERS = f"""
    SELECT since AS local_date, branch_id, resource_id, {TIMES}
    FROM {WORKED} WHERE kind = 'master' AND {{spans}} {{scope}}
"""  # noqa: S608
OF_ALL_MASTERS = OF_MASTERS.replace("'master'", "'masters'")
# Every unit is open while its branch is, booked or not; what it is booked for is added to that.
OF_UNITS = f"""
    SELECT since AS local_date, branch_id, unit.resource_id, open_minutes, 0 AS busy_minutes, 0 AS outside_minutes
    FROM {WORKED} JOIN (SELECT DISTINCT branch_id, resource_id FROM work_months WHERE kind = 'unit') AS unit
        USING (branch_id)
    WHERE kind = 'branch' AND {{spans}} {{scope}}
    UNION ALL
    SELECT since, branch_id, resource_id, 0, busy_minutes, outside_minutes
    FROM {WORKED} WHERE kind = 'unit' AND {{spans}} {{scope}}
"""  # noqa: S608
OF_ALL_UNITS = f"""
    SELECT since AS local_date, branch_id, open_minutes * units.count AS open_minutes, 0 AS busy_minutes,
        0 AS outside_minutes
    FROM {WORKED} JOIN (
        SELECT branch_id, count(DISTINCT resource_id) FROM work_months WHERE kind = 'unit' GROUP BY branch_id
    ) AS units USING (branch_id)
    WHERE kind = 'branch' AND {{spans}} {{scope}}
    UNION ALL
    SELECT since, branch_id, 0, busy_minutes, outside_minutes
    FROM {WORKED} WHERE kind = 'units' AND {{spans}} {{scope}}
"""  # noqa: S608
FACTS = {
    ("masters", True): OF_MASTERS,
    ("masters", False): OF_ALL_MASTERS,
    ("units", True): OF_UNITS,
    ("units", False): OF_ALL_UNITS,
}
SUMMED = """
    SELECT {bucket} AS since {keys}, CAST(sum(open_minutes) AS BIGINT) AS open_minutes,
        CAST(sum(busy_minutes) AS BIGINT) AS busy_minutes, CAST(sum(outside_minutes) AS BIGINT) AS outside_minutes
    FROM ({facts}) AS each GROUP BY since {keys} HAVING sum(open_minutes + busy_minutes + outside_minutes) > 0
    ORDER BY since {keys}
"""
KEYS = {"chain": (), "branch": ("branch_id",), "one": ("branch_id", "resource_id")}

OPEN = """
    SELECT local_date, branch_id, master_id, starts, ends, opens FROM open_days
    WHERE minutes > 0 AND local_date BETWEEN :first AND :last {scope} {named}
    ORDER BY local_date, branch_id, master_id
"""
TAKEN = """
    SELECT part.local_date, part.branch_id, part.master_id, part.starts, part.ends
    FROM booked_segments AS part JOIN bookings USING (appointment_id)
    WHERE bookings.status NOT IN ('cancelled', 'no_show') AND part.starts < part.ends
        AND part.local_date BETWEEN :first AND :last {part_scope}
"""


def occupancy(session: Session, asked: ShowOccupancy, caller: Caller) -> Occupancy:
    """A row for each period, branch, master or unit asked for with open or booked time."""
    branches = branches_asked_for(caller, asked.branch_id)
    check_period(asked.from_, asked.to)
    names = KEYS[asked.each]
    within, words = spans(asked.from_, asked.to, by_month=asked.bucket in ("month", "period"))
    facts = FACTS[asked.of, asked.each == "one"].format(scope=in_branches(branches), spans=within)
    keys = "".join(f", {name}" for name in names)
    summed = text(SUMMED.format(bucket=BUCKETS[asked.bucket], keys=keys, facts=facts))
    found = session.execute(summed, words | _within(asked.from_, asked.to, branches)).all()
    one = "master_id" if asked.of == "masters" else "unit_id"
    rows = tuple(_row(row, asked.bucket, {name: one if name == "resource_id" else name for name in names})
                 for row in found)  # fmt: skip
    reason = None if any(row.open_minutes for row in rows) else "nothing_open"
    return Occupancy(rows, MASTERS if asked.of == "masters" else UNITS, reason)


def idle_windows(session: Session, asked: ShowIdleWindows, caller: Caller) -> IdleWindows:
    """The times in which masters work and nothing is booked, the earliest first."""
    branches = branches_asked_for(caller, asked.branch_id)
    check_period(asked.from_, asked.to)
    if (asked.to - asked.from_).days >= IDLE_DAYS:
        raise Invalid.field("to", "period_too_long", f"idle windows are shown for {IDLE_DAYS} days at most")
    named = "" if asked.master_id is None else "AND master_id = :master"
    words = _within(asked.from_, asked.to, branches) | {"master": asked.master_id}
    scope = in_branches(branches)
    opened = session.execute(text(OPEN.format(scope=scope, named=named)), words).all()
    taken = _taken(session, in_branches(branches, "part."), words)
    found = sorted(
        (each for row in opened for each in _idle(row, taken) if each.minutes >= asked.minutes),
        key=lambda each: (each.starts, each.branch_id, each.master_id),
    )
    reason = None if found else "none_so_long" if opened else "nothing_open"
    windows = tuple(found[: asked.limit])
    return IdleWindows(windows, len(found) > asked.limit, IDLE.format(minutes=asked.minutes), reason)


def _within(first: date, last: date, branches: Collection[UUID] | None) -> dict[str, Any]:
    return {"first": first, "last": last, "branches": None if branches is None else list(branches)}


def _row(row: Row[Any], bucket: str, names: Mapping[str, str]) -> OccupancyRow:
    keys: dict[str, Any] = {shown: getattr(row, name) for name, shown in names.items()}
    if bucket != "period":
        keys["period"] = period_of(row.since, bucket)
    return OccupancyRow(
        open_minutes=row.open_minutes,
        busy_minutes=row.busy_minutes,
        idle_minutes=row.open_minutes - row.busy_minutes,
        outside_minutes=row.outside_minutes,
        occupancy_percent=percent(row.busy_minutes, row.open_minutes),
        **keys,
    )


def _taken(session: Session, scope: str, words: Mapping[str, Any]) -> dict[Any, list[Interval]]:
    found: dict[Any, list[Interval]] = {}
    for row in session.execute(text(TAKEN.format(part_scope=scope)), words):
        day = row.local_date, row.branch_id, row.master_id
        found.setdefault(day, []).append(Interval(row.starts, row.ends))
    return found


def _idle(row: Row[Any], taken: Mapping[Any, Sequence[Interval]]) -> Iterator[IdleWindow]:
    open_times = [Interval(*each) for each in zip(row.starts, row.ends, strict=True)]
    if not open_times:
        return
    clock = datetime.combine(row.local_date, time(0)) + timedelta(minutes=row.opens[0])
    offset = offset_of(open_times[0].starts, clock)
    for each in idle(open_times, taken.get((row.local_date, row.branch_id, row.master_id), ())):
        yield IdleWindow(
            row.branch_id,
            row.master_id,
            each.starts.astimezone(offset),
            each.ends.astimezone(offset),
            (each.ends - each.starts) // timedelta(minutes=1),
        )

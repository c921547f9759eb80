"""What is counted by the day of a branch: booked and open time, and how appointments went.

Whoever changes something of a day marks it as due; soon after, it is counted again from the facts, and so are the
months that it is in. Days that many events touch are counted once, and whatever the order of events, the rows are those
of the facts.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from contracts.booking import AppointmentState, OpenHoursChanged
from contracts.clients import ClientsMerged
from services.analytics.domain.work import LATE_MINUTES, REBOOKED_WITHIN
from services.analytics.usecases.turns import take_turn

AT_ONCE = 200  # days of branches that are counted in one transaction

DROP = text(
    """
    DELETE FROM work_days USING unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[])) AS day (local_date, branch_id)
    WHERE work_days.local_date = day.local_date AND work_days.branch_id = day.branch_id
    """
)

# Intervals that overlap are joined by range_agg; `*` is what two sets have in common, `-` what only the first has.
COUNT = text(
    """
    WITH days AS (
        SELECT * FROM unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[])) AS day (local_date, branch_id)
    ), times AS (
        SELECT local_date, branch_id, master_id, tstzrange(open.since, open.until) AS time
        FROM days JOIN open_days USING (local_date, branch_id)
        CROSS JOIN LATERAL unnest(open_days.starts, open_days.ends) AS open (since, until)
    ), taken AS (
        SELECT days.local_date, days.branch_id, part.master_id, part.unit_ids, tstzrange(part.starts, part.ends) AS time
        FROM days JOIN booked_segments AS part USING (local_date, branch_id)
        JOIN bookings USING (appointment_id)
        WHERE bookings.status NOT IN ('cancelled', 'no_show') AND part.starts < part.ends
    ), masters AS (
        SELECT local_date, branch_id, master_id, range_agg(time) AS open FROM times GROUP BY 1, 2, 3
    ), branches AS (
        SELECT local_date, branch_id, range_agg(time) AS open FROM times GROUP BY 1, 2
    ), busy_masters AS (
        SELECT local_date, branch_id, master_id, range_agg(time) AS busy FROM taken GROUP BY 1, 2, 3
    ), busy_units AS (
        SELECT local_date, branch_id, unit_id, range_agg(time) AS busy
        FROM taken CROSS JOIN LATERAL unnest(unit_ids) AS unit (unit_id) GROUP BY 1, 2, 3
    ), resources AS (
        SELECT local_date, branch_id, 'master' AS kind, master_id AS resource_id, open, busy
        FROM masters FULL JOIN busy_masters USING (local_date, branch_id, master_id)
        UNION ALL
        SELECT local_date, branch_id, 'unit', unit_id, open, busy
        FROM busy_units LEFT JOIN branches USING (local_date, branch_id)
        UNION ALL
        SELECT local_date, branch_id, 'branch', branch_id, open, NULL FROM branches
    ), sets AS (
        SELECT local_date, branch_id, kind, resource_id, coalesce(open, '{}') AS open, coalesce(busy, '{}') AS busy
        FROM resources
    ), measured AS (
        SELECT local_date, branch_id, kind, resource_id, open_minutes.sum AS open_minutes,
            busy_minutes.sum AS busy_minutes, outside_minutes.sum AS outside_minutes
        FROM sets
        CROSS JOIN LATERAL (SELECT CAST(coalesce(sum(extract(epoch FROM upper(one) - lower(one))) / 60, 0) AS INTEGER)
                            FROM unnest(open) AS one) AS open_minutes (sum)
        CROSS JOIN LATERAL (SELECT CAST(coalesce(sum(extract(epoch FROM upper(one) - lower(one))) / 60, 0) AS INTEGER)
                            FROM unnest(open * busy) AS one) AS busy_minutes (sum)
        CROSS JOIN LATERAL (SELECT CAST(coalesce(sum(extract(epoch FROM upper(one) - lower(one))) / 60, 0) AS INTEGER)
                            FROM unnest(busy - open) AS one) AS outside_minutes (sum)
    )
    INSERT INTO work_days (local_date, branch_id, kind, resource_id, open_minutes, busy_minutes, outside_minutes)
    SELECT * FROM measured
    UNION ALL
    SELECT local_date, branch_id, kind || 's', branch_id, sum(open_minutes), sum(busy_minutes), sum(outside_minutes)
    FROM measured WHERE kind IN ('master', 'unit') GROUP BY 1, 2, 3
    """
)

DROP_MONTHS = text(
    """
    DELETE FROM work_months USING unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[])) AS own (month, branch_id)
    WHERE work_months.month = own.month AND work_months.branch_id = own.branch_id
    """
)

ADD_UP_WORK = text(
    """
    INSERT INTO work_months (month, branch_id, kind, resource_id, open_minutes, busy_minutes, outside_minutes)
    SELECT own.month, own.branch_id, kind, resource_id, sum(open_minutes), sum(busy_minutes), sum(outside_minutes)
    FROM unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[])) AS own (month, branch_id)
    JOIN work_days ON work_days.branch_id = own.branch_id
        AND local_date >= own.month AND local_date < own.month + interval '1 month'
    GROUP BY own.month, own.branch_id, kind, resource_id
    """
)

DROP_WENT = text(
    """
    DELETE FROM went USING unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[])) AS day (local_date, branch_id)
    WHERE span = :span AND went.since = day.local_date AND went.branch_id = day.branch_id
    """
)

# Visits that were entered afterwards were never booked here, so nobody knows what was booked after them.
COUNT_WENT = text(
    f"""
    WITH days AS (
        SELECT * FROM unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[])) AS day (local_date, branch_id)
    ), booked AS (
        SELECT bookings.*, booked_at IS NOT NULL AND cancelled_by IS DISTINCT FROM 'erasure' AS counts,
            status = 'completed' AND client_id IS NOT NULL AND booked_at IS NOT NULL AS settled
        FROM days JOIN bookings USING (local_date, branch_id)
    ), one AS (
        SELECT *, settled AND EXISTS (
            SELECT FROM bookings AS next WHERE next.client_id = booked.client_id AND next.starts >= booked.ends
                AND next.appointment_id <> booked.appointment_id
                AND next.booked_at <= booked.ends + CAST(:within AS INTERVAL)
                AND (next.cancelled_at IS NULL OR next.cancelled_at > booked.ends + CAST(:within AS INTERVAL))
            ) AS rebooked,
            max(ends) FILTER (WHERE settled) OVER (PARTITION BY local_date, branch_id) AS over_at
        FROM booked
    ), of_whom AS (
        SELECT one.*, CAST(NULL AS UUID) AS master_id FROM one
        UNION ALL
        SELECT one.*, part.master_id FROM one JOIN (
            SELECT DISTINCT appointment_id, master_id FROM days JOIN booked_segments USING (local_date, branch_id)
        ) AS part USING (appointment_id)
    )
    INSERT INTO went (span, since, branch_id, master_id, appointments, kept, cancelled, cancelled_by_client, missed,
        arrivals, late, late_minutes, settled, rebooked, over_at)
    SELECT 'day', local_date, branch_id, master_id,
        count(*) FILTER (WHERE counts),
        count(*) FILTER (WHERE counts AND status IN ('arrived', 'completed')),
        count(*) FILTER (WHERE counts AND status = 'cancelled'),
        count(*) FILTER (WHERE counts AND status = 'cancelled' AND cancelled_by = 'client'),
        count(*) FILTER (WHERE counts AND status = 'no_show'),
        count(*) FILTER (WHERE late_minutes IS NOT NULL),
        count(*) FILTER (WHERE late_minutes >= {LATE_MINUTES}),
        coalesce(sum(late_minutes), 0), count(*) FILTER (WHERE settled), count(*) FILTER (WHERE rebooked),
        max(over_at)
    FROM of_whom GROUP BY local_date, branch_id, master_id
    """  # noqa: S608  a number of ours
)

ADD_UP_MONTHS = text(
    """
    INSERT INTO went (span, since, branch_id, master_id, appointments, kept, cancelled, cancelled_by_client, missed,
        arrivals, late, late_minutes, settled, rebooked)
    SELECT 'month', month.since, month.branch_id, master_id, sum(appointments), sum(kept), sum(cancelled),
        sum(cancelled_by_client), sum(missed), sum(arrivals), sum(late), sum(late_minutes), sum(settled), sum(rebooked)
    FROM unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[])) AS month (since, branch_id)
    JOIN went ON went.branch_id = month.branch_id AND went.span = 'day'
        AND went.since >= month.since AND went.since < month.since + interval '1 month'
    GROUP BY month.since, month.branch_id, master_id
    """
)

DROP_CHANNELS = text(
    """
    DELETE FROM channel_days USING unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[])) AS day (date, branch_id)
    WHERE channel_days.local_date = day.date AND channel_days.branch_id = day.branch_id
    """
)
COUNT_CHANNELS = text(
    """
    INSERT INTO channel_days (local_date, branch_id, channel, appointments)
    SELECT local_date, branch_id, channel, count(*)
    FROM unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[])) AS day (local_date, branch_id)
    JOIN bookings USING (local_date, branch_id)
    WHERE booked_at IS NOT NULL AND cancelled_by IS DISTINCT FROM 'erasure' GROUP BY 1, 2, 3
    """
)

DROP_HOURS = text(
    """
    DELETE FROM week_hours USING unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[])) AS own (month, branch_id)
    WHERE week_hours.month = own.month AND week_hours.branch_id = own.branch_id
    """
)

# Day 1 of the calendar was a Monday. A day may end after midnight: that belongs to the next weekday.
COUNT_HOURS = text(
    """
    WITH months AS (
        SELECT * FROM unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[])) AS own (month, branch_id)
    ), stretches AS (
        SELECT month, branch_id, (local_date - DATE '0001-01-01') % 7 AS weekday, stretch.opens, stretch.closes
        FROM months JOIN open_days USING (branch_id)
        CROSS JOIN LATERAL unnest(open_days.opens, open_days.closes) AS stretch (opens, closes)
        WHERE local_date >= month AND local_date < month + interval '1 month' AND stretch.opens < stretch.closes
    ), seen AS (
        SELECT month, months.branch_id, (visit_hours.local_date - DATE '0001-01-01') % 7 AS weekday, hour, visits,
            CASE WHEN open_minutes > 0 THEN visits ELSE 0 END AS known_visits, 0 AS minutes
        FROM months JOIN visit_hours ON visit_hours.branch_id = months.branch_id
        LEFT JOIN work_days ON work_days.local_date = visit_hours.local_date AND kind = 'masters'
            AND work_days.branch_id = months.branch_id AND resource_id = months.branch_id
        WHERE visit_hours.local_date >= month AND visit_hours.local_date < month + interval '1 month'
        UNION ALL
        SELECT month, branch_id, (weekday + hour / 24) % 7, hour % 24, 0, 0,
            least(closes, 60 * hour + 60) - greatest(opens, 60 * hour)
        FROM stretches CROSS JOIN LATERAL generate_series(opens / 60, (closes - 1) / 60) AS hour
    )
    INSERT INTO week_hours (month, branch_id, weekday, hour, visits, known_visits, open_minutes)
    SELECT month, branch_id, weekday, hour, sum(visits), sum(known_visits), sum(minutes) FROM seen GROUP BY 1, 2, 3, 4
    """
)

# The days of these appointments, and those of earlier visits that they may have been booked after. None lasts a week,
# so that few of a client's need to be looked at.
MARK_APPOINTMENTS = text(
    """
    INSERT INTO days_due (local_date, branch_id)
    SELECT local_date, branch_id FROM bookings WHERE appointment_id = ANY(:appointments)
    UNION
    SELECT local_date, branch_id FROM visits WHERE appointment_id = ANY(:appointments)
    UNION
    SELECT earlier.local_date, earlier.branch_id FROM bookings AS later
    JOIN bookings AS earlier ON earlier.client_id = later.client_id AND earlier.starts < later.starts
        AND earlier.starts > later.booked_at - CAST(:within AS INTERVAL) - interval '7 days'
        AND earlier.status = 'completed' AND later.booked_at <= earlier.ends + CAST(:within AS INTERVAL)
    WHERE later.appointment_id = ANY(:appointments)
    ON CONFLICT DO NOTHING
    """
)

MARK_CLIENTS = text(
    "INSERT INTO days_due (local_date, branch_id)"
    " SELECT DISTINCT local_date, branch_id FROM bookings WHERE client_id = ANY(:clients) AND status = 'completed'"
    " ON CONFLICT DO NOTHING"
)

MARK_DAYS = text(
    "INSERT INTO days_due (local_date, branch_id)"
    " SELECT DISTINCT * FROM unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[])) ON CONFLICT DO NOTHING"
)

TAKE_DUE = text(
    """
    DELETE FROM days_due WHERE (local_date, branch_id) IN (
        SELECT local_date, branch_id FROM days_due ORDER BY local_date DESC, branch_id LIMIT :most
    ) RETURNING local_date, branch_id
    """
)


@contextmanager
def counting_appointments(session: Session, events: Sequence[AppointmentState]) -> Iterator[None]:
    """Have the days counted on which these appointments were before the block, or are after it."""
    take_turn(session)
    asked = {"appointments": sorted({each.appointment_id for each in events}), "within": REBOOKED_WITHIN}
    session.execute(MARK_APPOINTMENTS, asked)
    yield
    session.execute(MARK_APPOINTMENTS, asked)


@contextmanager
def counting_open_hours(session: Session, events: Sequence[OpenHoursChanged]) -> Iterator[None]:
    take_turn(session)
    yield
    days = [(day.date, event.branch_id) for event in events for day in event.days]
    session.execute(MARK_DAYS, _columns(days))


def mark_merged(session: Session, merge: ClientsMerged) -> None:
    """Have the days counted whose visits may have been booked after by the other card: once facts are under one id."""
    into = kept_ids(session, [merge.client_id])
    session.execute(MARK_CLIENTS, {"clients": [into.get(merge.client_id, merge.client_id)]})


def count_days(session: Session, most: int = AT_ONCE) -> bool:
    """Count days that are due, the latest first. Whether more of them may be left."""
    take_turn(session)
    days = [tuple(row) for row in session.execute(TAKE_DUE, {"most": most})]
    if days:
        count_again(session, days)
    return len(days) == most


def count_again(session: Session, days: Collection[tuple[date, UUID]]) -> None:
    """From the facts: the days, and the months that they are in."""
    of_days = _columns(days)
    of_months = _columns({(day.replace(day=1), branch_id) for day, branch_id in days})
    session.execute(DROP, of_days)
    session.execute(COUNT, of_days)
    session.execute(DROP_MONTHS, of_months)
    session.execute(ADD_UP_WORK, of_months)
    session.execute(DROP_WENT, of_days | {"span": "day"})
    session.execute(COUNT_WENT, of_days | {"within": REBOOKED_WITHIN})
    session.execute(DROP_CHANNELS, of_days)
    session.execute(COUNT_CHANNELS, of_days)
    session.execute(DROP_WENT, of_months | {"span": "month"})
    session.execute(ADD_UP_MONTHS, of_months)
    session.execute(DROP_HOURS, of_months)
    session.execute(COUNT_HOURS, of_months)


def _columns(days: Collection[tuple[date, UUID]]) -> dict[str, object]:
    ordered = sorted(days)
    return {"dates": [day for day, _ in ordered], "branches": [branch_id for _, branch_id in ordered]}

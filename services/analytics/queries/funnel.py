"""From an enquiry to a regular client: whom the enquiries of a period became."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from contracts.analytics import Funnel, FunnelRow, ShowFunnel
from kernel.caller import Caller
from services.analytics.domain.funnel import DEFINITION, REGULAR_DAYS, WINDOW_DAYS
from services.analytics.domain.periods import check_period
from services.analytics.domain.shares import percent
from services.analytics.queries.buckets import in_branches
from services.analytics.queries.scope import branches_asked_for

KEYS = {"channel": "channel", "branch": "branch_id"}

RECEIVED = "received_at >= :since AND received_at <= :until {scope}"
ENQUIRIES = """
    SELECT {keys} count(*) AS enquiries, count(answered_at) AS answered,
        percentile_disc(0.5) WITHIN GROUP (
            ORDER BY CAST(floor(extract(epoch FROM answered_at - received_at) / 60) AS INTEGER)
        ) FILTER (WHERE answered_at IS NOT NULL) AS minutes
    FROM enquiries WHERE {received} GROUP BY {by}
"""
# Everybody at their first enquiry of the period, as it is kept.
KEPT = """
    SELECT {keys} count(*) AS people, count(*) FILTER (WHERE lead) AS leads,
        count(*) FILTER (WHERE lead AND booked) AS booked, count(came_at) FILTER (WHERE lead) AS clients,
        count(*) FILTER (WHERE lead AND regular) AS regulars,
        percentile_disc(0.5) WITHIN GROUP (
            ORDER BY CAST(floor(extract(epoch FROM came_at - received_at) / 86400) AS INTEGER)
        ) FILTER (WHERE lead AND came_at IS NOT NULL) AS days
    FROM enquiries WHERE {received} AND ({previous} IS NULL OR {previous} < :since) GROUP BY {by}
"""
# Of several branches the enquiry before may be of another one, so that it is looked for.
PEOPLE = """
    WITH people AS (
        SELECT DISTINCT ON (client_id) client_id, {keys} received_at
        FROM enquiries WHERE {received} ORDER BY client_id, received_at, enquiry_id
    ), stages AS (
        SELECT {keys} people.received_at, first.starts AS came,
            NOT EXISTS (SELECT FROM visits WHERE visits.client_id = people.client_id
                        AND visits.starts < people.received_at) AS lead,
            first.starts IS NOT NULL OR EXISTS (
                SELECT FROM bookings WHERE bookings.client_id = people.client_id
                    AND bookings.booked_at >= people.received_at) AS booked,
            days.count >= :regular AS regular
        FROM people
        LEFT JOIN LATERAL (
            SELECT starts, local_date FROM visits
            WHERE visits.client_id = people.client_id AND visits.starts >= people.received_at
            ORDER BY starts LIMIT 1
        ) AS first ON true
        LEFT JOIN LATERAL (
            SELECT count(DISTINCT local_date) FROM visits
            WHERE visits.client_id = people.client_id AND visits.starts >= people.received_at
                AND visits.local_date < first.local_date + CAST(:window AS INTEGER)
        ) AS days ON true
    )
    SELECT {keys} count(*) AS people, count(*) FILTER (WHERE lead) AS leads,
        count(*) FILTER (WHERE lead AND booked) AS booked, count(came) FILTER (WHERE lead) AS clients,
        count(*) FILTER (WHERE lead AND regular) AS regulars,
        percentile_disc(0.5) WITHIN GROUP (
            ORDER BY CAST(floor(extract(epoch FROM came - received_at) / 86400) AS INTEGER)
        ) FILTER (WHERE lead AND came IS NOT NULL) AS days
    FROM stages GROUP BY {by}
"""
NOBODY = {"people": 0, "leads": 0, "booked": 0, "clients": 0, "regulars": 0, "days": None}


def funnel(session: Session, asked: ShowFunnel, caller: Caller) -> Funnel:
    """A row for all enquiries of the period, or one for each channel and branch asked for."""
    branches = branches_asked_for(caller, asked.branch_id)
    check_period(asked.from_, asked.to)
    names = [KEYS[key] for key in KEYS if key in asked.group_by]
    words = {
        "since": datetime.combine(asked.from_, time(0), UTC),
        "until": datetime.combine(asked.to, time.max, UTC),
        "branches": None if branches is None else list(branches),
        "regular": REGULAR_DAYS,
        "window": WINDOW_DAYS,
    }
    shape = {
        "keys": "".join(f"{name}, " for name in names),
        "by": ", ".join(names) or "()",
        "received": RECEIVED.format(scope=in_branches(branches)),
        "previous": "previous_at" if branches is None else "previous_here_at",
    }
    people_in = KEPT if branches is None or len(branches) == 1 else PEOPLE
    received, people = (
        {tuple(getattr(row, name) for name in names): row._asdict() for row in session.execute(text(each), words)}
        for each in (ENQUIRIES.format(**shape), people_in.format(**shape))
    )
    rows = tuple(
        _row(received[key], people.get(key, NOBODY), names)
        for key in sorted(received, key=lambda key: (-received[key]["enquiries"], str(key)))
        if received[key]["enquiries"]
    )
    return Funnel(rows, DEFINITION, None if rows else "no_enquiries")


def _row(received: Mapping[str, Any], people: Mapping[str, Any], names: Sequence[str]) -> FunnelRow:
    return FunnelRow(
        enquiries=received["enquiries"],
        answered=received["answered"],
        median_minutes_to_answer=received["minutes"],
        people=people["people"],
        leads=people["leads"],
        booked=people["booked"],
        booked_percent=percent(people["booked"], people["leads"]),
        clients=people["clients"],
        clients_percent=percent(people["clients"], people["leads"]),
        median_days_to_visit=people["days"],
        regulars=people["regulars"],
        regulars_percent=percent(people["regulars"], people["clients"]),
        **{name: received[name] for name in names},
    )

"""Discounts as they follow from the graph and the visits, and who is told."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts.loyalty import DiscountChanged
from services.loyalty.domain import Grant, grant, plain
from services.loyalty.queries import tiers_in_force

# `as_of` is the newest of the facts that it rests on: claims that named the referrer or ceased to, and visits of the
# people brought. So it is the same in whatever order they arrived.
COUNT = text(
    """
    WITH named AS (
        SELECT referrer_id, lag(referrer_id) OVER (PARTITION BY client_id ORDER BY version) AS before, claimed_at
        FROM claims
        WHERE client_id IN (SELECT client_id FROM claims WHERE referrer_id = ANY(:referrers))
    ), facts (referrer_id, at, direct, qualified) AS (
        SELECT who.referrer_id, claimed_at, 0, 0
        FROM named CROSS JOIN LATERAL (VALUES (named.referrer_id), (named.before)) AS who (referrer_id)
        WHERE who.referrer_id = ANY(:referrers)
        UNION ALL
        SELECT referrer_id,
            (SELECT max(visits.changed_at) FROM visits WHERE visits.client_id = clients.client_id),
            1,
            CAST(EXISTS (SELECT FROM visits WHERE visits.client_id = clients.client_id AND visits.qualifies) AS INTEGER)
        FROM clients
        WHERE referrer_id = ANY(:referrers) AND refused IS NULL
    )
    SELECT referrer_id, sum(direct) AS direct, sum(qualified) AS qualified, max(at) AS as_of
    FROM facts GROUP BY referrer_id ORDER BY referrer_id
    """
)

KEEP = text(
    """
    INSERT INTO discounts (client_id, percent, parts, direct, qualified, as_of)
    SELECT * FROM unnest(CAST(:clients AS UUID[]), CAST(:percents AS NUMERIC[]), CAST(:parts AS JSONB[]),
                         CAST(:direct AS INTEGER[]), CAST(:qualified AS INTEGER[]), CAST(:instants AS TIMESTAMPTZ[]))
    ON CONFLICT (client_id) DO UPDATE SET percent = excluded.percent, parts = excluded.parts,
        direct = excluded.direct, qualified = excluded.qualified, as_of = excluded.as_of
    """
)

TELL = text(
    """
    INSERT INTO announcements AS told (client_id, version, percent, announced_at)
    SELECT client_id, 1, percent, :now
    FROM unnest(CAST(:clients AS UUID[]), CAST(:percents AS NUMERIC[])) AS granted (client_id, percent)
    WHERE percent <> coalesce((SELECT old.percent FROM announcements AS old
                               WHERE old.client_id = granted.client_id), 0)
    ON CONFLICT (client_id) DO UPDATE SET version = told.version + 1, percent = excluded.percent,
        announced_at = excluded.announced_at
    RETURNING client_id, version, percent
    """
)


def regrant(session: Session, referrers: Iterable[UUID], now: datetime) -> None:
    """Work out the discounts of `referrers` again and announce those whose percentage is another one."""
    wanted = list(referrers)
    if not wanted:
        return
    tiers = tiers_in_force(session)
    counts = session.execute(COUNT, {"referrers": wanted}).all()
    grants = [grant(row.qualified, tiers) for row in counts]
    clients = [row.referrer_id for row in counts]
    percents = [each.percent for each in grants]
    session.execute(
        KEEP,
        {
            "clients": clients,
            "percents": percents,
            "parts": [_stored(each) for each in grants],
            "direct": [row.direct for row in counts],
            "qualified": [row.qualified for row in counts],
            "instants": [row.as_of for row in counts],
        },
    )
    _tell(session, clients, percents, now)


def _stored(granted: Grant) -> str:
    parts = [{"rule": part.rule, "text": part.text, "percent": str(part.percent)} for part in granted.parts]
    return msgspec.json.encode(parts).decode()


def _tell(session: Session, clients: list[UUID], percents: list[Decimal], now: datetime) -> None:
    told = session.execute(TELL, {"clients": clients, "percents": percents, "now": now}).all()
    for row in sorted(told, key=lambda each: each.client_id):
        announce(session, DiscountChanged(row.client_id, row.version, plain(row.percent), now))

"""Discounts as they follow from the graph and the visits, and who is told."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts.loyalty import DiscountChanged
from services.loyalty.domain.referrals import Grant, grant, plain
from services.loyalty.queries.discounts import tiers_in_force

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

# What is in force: the better of what the programme gives and the client's own discount.
_IN_FORCE = """
    SELECT asked.client_id, greatest(coalesce(discounts.percent, 0), coalesce(personal_discounts.percent, 0)) AS percent
    FROM asked
    LEFT JOIN discounts ON discounts.client_id = asked.client_id
    LEFT JOIN personal_discounts ON personal_discounts.client_id = asked.client_id
        AND valid_from <= :now AND (valid_until IS NULL OR valid_until > :now)
"""
_IS_NEWS = """
    percent <> coalesce((SELECT old.percent FROM announcements AS old WHERE old.client_id = in_force.client_id), 0)
"""

TELL = text(
    f"""
    WITH asked AS (SELECT unnest(CAST(:clients AS UUID[])) AS client_id), in_force AS ({_IN_FORCE})
    INSERT INTO announcements AS told (client_id, version, percent, announced_at)
    SELECT client_id, 1, percent, :now FROM in_force WHERE {_IS_NEWS}
    ON CONFLICT (client_id) DO UPDATE SET version = told.version + 1, percent = excluded.percent,
        announced_at = excluded.announced_at
    RETURNING client_id, version, percent
    """  # noqa: S608  parts of ours
)

UNTOLD = text(
    f"""
    WITH asked AS (SELECT client_id FROM personal_discounts), in_force AS ({_IN_FORCE})
    SELECT client_id FROM in_force WHERE {_IS_NEWS}
    """  # noqa: S608  parts of ours
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
    tell(session, clients, now)


def _stored(granted: Grant) -> str:
    parts = [{"rule": part.rule, "text": part.text, "percent": str(part.percent)} for part in granted.parts]
    return msgspec.json.encode(parts).decode()


def tell(session: Session, clients: Iterable[UUID], now: datetime) -> None:
    """Announce what is in force for those of `clients` of whom something else was told last."""
    told = session.execute(TELL, {"clients": list(clients), "now": now}).all()
    for row in sorted(told, key=lambda each: each.client_id):
        announce(session, DiscountChanged(row.client_id, row.version, plain(row.percent), now))


def untold(session: Session, now: datetime) -> list[UUID]:
    """Those whose own discount has begun or ended since they were told of."""
    return list(session.scalars(UNTOLD, {"now": now}))

"""The copy of clients' own discounts, which begin and end by time alone."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from contracts.clients import ClientErased, PersonalDiscountChanged
from services.loyalty.usecases.discounts import tell, untold
from services.loyalty.usecases.turns import take_turn

# Of a person who was erased nothing is kept, whichever is heard of first.
KEEP = text(
    """
    INSERT INTO personal_discounts (client_id, version, percent, valid_from, valid_until, stated_at)
    SELECT DISTINCT ON (client_id) *
    FROM unnest(CAST(:clients AS UUID[]), CAST(:versions AS BIGINT[]), CAST(:percents AS NUMERIC[]),
                CAST(:beginnings AS TIMESTAMPTZ[]), CAST(:ends AS TIMESTAMPTZ[]), CAST(:instants AS TIMESTAMPTZ[]))
         AS rule (client_id, version, percent, valid_from, valid_until, stated_at)
    WHERE NOT EXISTS (SELECT FROM clients WHERE clients.client_id = rule.client_id AND erased)
    ORDER BY client_id, version DESC
    ON CONFLICT (client_id) DO UPDATE SET version = excluded.version, percent = excluded.percent,
        valid_from = excluded.valid_from, valid_until = excluded.valid_until, stated_at = excluded.stated_at
    WHERE personal_discounts.version < excluded.version
    """
)

FORGET = text("DELETE FROM personal_discounts WHERE client_id = ANY(:clients)")


def keep_personal(session: Session, rules: Sequence[PersonalDiscountChanged], now: datetime) -> None:
    """Take over the newest rules, and announce where the percentage is another one by now."""
    take_turn(session)
    clients = [rule.client_id for rule in rules]
    session.execute(
        KEEP,
        {
            "clients": clients,
            "versions": [rule.version for rule in rules],
            "percents": [rule.percent for rule in rules],
            "beginnings": [rule.valid_from for rule in rules],
            "ends": [rule.valid_until for rule in rules],
            "instants": [rule.occurred_at for rule in rules],
        },
    )
    tell(session, sorted(set(clients)), now)


def forget_personal(session: Session, erasures: Sequence[ClientErased]) -> None:
    """With the turn taken, after the erasures were kept."""
    session.execute(FORGET, {"clients": [each.client_id for each in erasures]})


def tell_of_bounds(session: Session, now: datetime) -> None:
    """Announce discounts that began or ended by time alone. Who asks hears the truth anyway; this is for copies."""
    if untold(session, now):
        take_turn(session)
        tell(session, untold(session, now), now)

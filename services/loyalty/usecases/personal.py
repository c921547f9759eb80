"""What else is said of clients: discounts of their own, days to be remembered, whether they work for the salon."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from contracts.auth import StaffCardChanged
from contracts.clients import ClientErased, OccasionClosed, OccasionOpened, PersonalDiscountChanged
from services.loyalty.usecases.discounts import recalculate, recalculate_above
from services.loyalty.usecases.turns import take_turn

AT_ONCE = 500  # clients who are judged anew in one transaction

# Of a person who was erased nothing is kept, whichever is heard of first.
KEEP = text(
    """
    INSERT INTO personal_discounts (client_id, version, percent, valid_from, valid_until, stated_at)
    SELECT * FROM unnest(CAST(:clients AS UUID[]), CAST(:versions AS BIGINT[]), CAST(:percents AS NUMERIC[]),
                CAST(:beginnings AS TIMESTAMPTZ[]), CAST(:ends AS TIMESTAMPTZ[]), CAST(:instants AS TIMESTAMPTZ[]))
         AS rule (client_id, version, percent, valid_from, valid_until, stated_at)
    WHERE NOT EXISTS (SELECT FROM clients WHERE clients.client_id = rule.client_id AND erased)
    ON CONFLICT DO NOTHING
    """
)

FORGET = (
    text("DELETE FROM personal_discounts WHERE client_id = ANY(:clients)"),
    text("DELETE FROM occasions WHERE client_id = ANY(:clients)"),
)

KEEP_OCCASIONS = text(
    """
    INSERT INTO occasions (client_id, kind, year, open, at)
    SELECT client_id, kind, year, open, min(at)
    FROM unnest(CAST(:clients AS UUID[]), CAST(:kinds AS TEXT[]), CAST(:years AS INTEGER[]),
        CAST(:open AS BOOLEAN[]), CAST(:instants AS TIMESTAMPTZ[])) AS fact (client_id, kind, year, open, at)
    WHERE NOT EXISTS (SELECT FROM clients WHERE clients.client_id = fact.client_id AND erased)
    GROUP BY client_id, kind, year, open
    ON CONFLICT ON CONSTRAINT pk_occasions DO UPDATE SET at = least(occasions.at, excluded.at)
    """
)

KEEP_STAFF = text(
    """
    INSERT INTO staff (client_id, stated_of, version, staff, at)
    SELECT * FROM unnest(CAST(:clients AS UUID[]), CAST(:cards AS UUID[]), CAST(:versions AS BIGINT[]),
        CAST(:verdicts AS BOOLEAN[]), CAST(:instants AS TIMESTAMPTZ[]))
    ON CONFLICT DO NOTHING
    """
)

DUE = text(
    """
    DELETE FROM rejudgements WHERE client_id IN (
        SELECT client_id FROM rejudgements WHERE at <= :now ORDER BY at LIMIT :limit)
    RETURNING client_id
    """
)
IS_DUE = text("SELECT EXISTS (SELECT FROM rejudgements WHERE at <= :now)")


def keep_personal(session: Session, rules: Sequence[PersonalDiscountChanged], now: datetime) -> None:
    """Take over the rules, and announce where the percentage is another one by now."""
    take_turn(session)
    session.execute(
        KEEP,
        {
            "clients": [rule.client_id for rule in rules],
            "versions": [rule.version for rule in rules],
            "percents": [rule.percent for rule in rules],
            "beginnings": [rule.valid_from for rule in rules],
            "ends": [rule.valid_until for rule in rules],
            "instants": [rule.occurred_at for rule in rules],
        },
    )
    recalculate(session, _earliest([(rule.client_id, rule.occurred_at) for rule in rules]), now)


def keep_occasions(session: Session, facts: Sequence[OccasionOpened | OccasionClosed], now: datetime) -> None:
    """Take over that days came near or are over."""
    take_turn(session)
    into = kept_ids(session, [fact.client_id for fact in facts])
    clients = [into.get(fact.client_id, fact.client_id) for fact in facts]
    session.execute(
        KEEP_OCCASIONS,
        {
            "clients": clients,
            "kinds": [fact.kind for fact in facts],
            "years": [fact.year for fact in facts],
            "open": [isinstance(fact, OccasionOpened) for fact in facts],
            "instants": [fact.occurred_at for fact in facts],
        },
    )
    said = [(client_id, fact.occurred_at) for client_id, fact in zip(clients, facts, strict=True)]
    recalculate(session, _earliest(said), now)


def keep_staff(session: Session, facts: Sequence[StaffCardChanged], now: datetime) -> None:
    """Take over who works for the salon: edges from and to them hold or do not."""
    take_turn(session)
    into = kept_ids(session, [fact.client_id for fact in facts])
    clients = [into.get(fact.client_id, fact.client_id) for fact in facts]
    session.execute(
        KEEP_STAFF,
        {
            "clients": clients,
            "cards": [fact.client_id for fact in facts],
            "versions": [fact.version for fact in facts],
            "verdicts": [fact.staff for fact in facts],
            "instants": [fact.occurred_at for fact in facts],
        },
    )
    said = [(client_id, fact.occurred_at) for client_id, fact in zip(clients, facts, strict=True)]
    recalculate_above(session, _earliest(said), now)


def _earliest(said: Sequence[tuple[UUID, datetime]]) -> dict[UUID, datetime]:
    since: dict[UUID, datetime] = {}
    for client_id, at in said:
        since[client_id] = min(since.get(client_id, at), at)
    return since


def forget_personal(session: Session, erasures: Sequence[ClientErased]) -> None:
    """With the turn taken, before they are judged anew."""
    for statement in FORGET:
        session.execute(statement, {"clients": [each.client_id for each in erasures]})


def tell_of_bounds(session: Session, now: datetime) -> bool:
    """Announce discounts that became others by time alone; whether there are more of them. Who asks hears the truth
    anyway; this is for copies.
    """
    if not session.scalar(IS_DUE, {"now": now}):
        return False
    take_turn(session)
    due = session.scalars(DUE, {"now": now, "limit": AT_ONCE}).all()
    recalculate(session, dict.fromkeys(due), now)
    return len(due) == AT_ONCE

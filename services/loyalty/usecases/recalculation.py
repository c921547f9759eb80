"""Everybody judged anew after another programme came into force: in batches, so that nobody has to wait for it."""

from datetime import datetime

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from services.loyalty.domain.timeline import FIRST
from services.loyalty.tables import recalculations
from services.loyalty.usecases.discounts import regrant
from services.loyalty.usecases.turns import take_turn

BATCH = 100  # so many people are judged in a turn; events wait for their turn meanwhile

# A programme that was taken back before it began changes nothing.
NOTICE = text(
    """
    INSERT INTO recalculations (at, state, started_at)
    SELECT DISTINCT change.at, 'running', CAST(:now AS TIMESTAMPTZ)
    FROM programmes CROSS JOIN LATERAL (VALUES (programmes.starts), (programmes.ends)) AS change (at)
    WHERE change.at > :first AND change.at <= :now AND programmes.ends IS DISTINCT FROM programmes.starts
    ON CONFLICT DO NOTHING
    """
)

# Whoever is judged is judged by what is in force now: of several changes the last one does for all.
OVERTAKE = text(
    """
    UPDATE recalculations SET state = 'overtaken', finished_at = :now
    WHERE state = 'running' AND at < (SELECT max(at) FROM recalculations)
    """
)

RUNNING = text("SELECT at, position FROM recalculations WHERE state = 'running'")
NEXT = text(
    """
    SELECT client_id FROM clients WHERE CAST(:position AS UUID) IS NULL OR client_id > :position
    ORDER BY client_id LIMIT :batch
    """
)


def judge_anew(session: Session, now: datetime) -> bool:
    """Take the next people of the recalculation that is due; whether there may be more."""
    session.execute(NOTICE, {"now": now, "first": FIRST})
    session.execute(OVERTAKE, {"now": now})
    running = session.execute(RUNNING).one_or_none()
    if running is None:
        return False
    clients = session.scalars(NEXT, {"position": running.position, "batch": BATCH}).all()
    this = update(recalculations).where(recalculations.c.at == running.at)
    if not clients:
        session.execute(this.values(state="finished", finished_at=now))
        return False
    take_turn(session)
    regrant(session, clients, now)
    session.execute(this.values(position=clients[-1], judged=recalculations.c.judged + len(clients)))
    return True

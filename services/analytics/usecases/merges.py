"""Cards that became one: facts of the one that is gone are facts of the other, and no figure counts anything twice.

Facts are kept under the id of the card that is kept, whichever came first, the visit or the merge: so the tables are
the same in whatever order events arrive.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.merged import remember_merge
from contracts.clients import ClientsMerged
from services.analytics.usecases.clients import MOVE_ROOTS
from services.analytics.usecases.figures import Touched, following
from services.analytics.usecases.segments import note_changed
from services.analytics.usecases.turns import take_turn
from services.analytics.usecases.visits import KEEP_FIRST_VISITS

TAKE_REFERRALS = text("UPDATE clients SET referrer_id = :into WHERE referrer_id = :merged RETURNING client_id")

MOVES = tuple(
    text(statement)
    for statement in (
        "UPDATE visits SET client_id = :into WHERE client_id = :merged",
        "UPDATE bookings SET client_id = :into WHERE client_id = :merged",
        "UPDATE enquiries SET client_id = :into WHERE client_id = :merged",
        "UPDATE visit_parts SET client_id = :into WHERE appointment_id IN"
        " (SELECT appointment_id FROM visits WHERE client_id = :into) AND client_id = :merged",
        """
        INSERT INTO client_days AS kept (local_date, branch_id, client_id, visits, revenue)
        SELECT local_date, branch_id, :into, visits, revenue FROM client_days
        WHERE client_id = :merged AND local_date IN (SELECT local_date FROM visits WHERE client_id = :into)
        ON CONFLICT (local_date, branch_id, client_id) DO UPDATE
        SET visits = kept.visits + excluded.visits, revenue = kept.revenue + excluded.revenue
        """,
        "DELETE FROM client_days WHERE client_id = :merged"
        " AND local_date IN (SELECT local_date FROM visits WHERE client_id = :into)",
        "DELETE FROM first_visits WHERE client_id IN (:merged, :into)",
    )
)


def keep_merge(session: Session, merge: ClientsMerged) -> None:
    """Move facts, rollups and referrals; of two first visits the later one is a newcomer's no more."""
    take_turn(session)
    into = remember_merge(session, merge.merged_id, merge.client_id)
    if into is None:
        return
    both = {"merged": merge.merged_id, "into": into}
    brought = session.scalars(TAKE_REFERRALS, both).all()
    with following(session, Touched(moved=(merge.merged_id, into))):
        for move in MOVES:
            session.execute(move, both)
        session.execute(KEEP_FIRST_VISITS, {"clients": [into]})
    session.execute(MOVE_ROOTS, {"clients": [*brought, into]})
    note_changed(session, [merge.merged_id, into])

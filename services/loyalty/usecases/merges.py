"""Cards that became one: whatever was said of the one that is gone is said of the other.

Copies are written under the id of the card that is kept, whichever came first, what was said or the merge: so the
tables are the same in whatever order events arrive.
"""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.merged import remember_merge
from contracts.clients import ClientsMerged

WHO_NAMED = text("SELECT DISTINCT client_id FROM claims WHERE referrer_id = :merged")

MOVES = tuple(
    text(statement)
    for statement in (
        "UPDATE claims SET referrer_id = :into WHERE referrer_id = :merged",
        "UPDATE clients SET referrer_id = :into WHERE referrer_id = :merged",
        "UPDATE visits SET client_id = :into WHERE client_id = :merged",
        "UPDATE bills SET client_id = :into WHERE client_id = :merged",
        "UPDATE staff SET client_id = :into WHERE client_id = :merged",
        """
        INSERT INTO presences (client_id, branch_id) SELECT :into, branch_id FROM presences WHERE client_id = :merged
        ON CONFLICT DO NOTHING
        """,
        "DELETE FROM presences WHERE client_id = :merged",
        """
        INSERT INTO occasions (client_id, kind, year, open, at)
        SELECT :into, kind, year, open, at FROM occasions WHERE client_id = :merged
        ON CONFLICT ON CONSTRAINT pk_occasions DO UPDATE SET at = least(occasions.at, excluded.at)
        """,
        "DELETE FROM occasions WHERE client_id = :merged",
        """
        DELETE FROM occasions WHERE client_id = :into
            AND EXISTS (SELECT FROM clients WHERE clients.client_id = :into AND erased)
        """,
        "UPDATE segment_changes SET client_id = :into WHERE client_id = :merged",
        """
        DELETE FROM segment_changes WHERE client_id = :into
            AND EXISTS (SELECT FROM clients WHERE clients.client_id = :into AND erased)
        """,
        "UPDATE promises SET client_id = :into WHERE client_id = :merged",
        "DELETE FROM judgements_due WHERE client_id = :merged",
        "DELETE FROM discounts WHERE client_id = :merged",
        "DELETE FROM grants WHERE client_id = :merged",
        "DELETE FROM rejudgements WHERE client_id = :merged",
        "DELETE FROM sortings WHERE client_id = :merged",
    )
)


REMEMBER = text(
    """
    INSERT INTO presences (client_id, branch_id) SELECT :into, unnest(CAST(:branches AS UUID[])) ON CONFLICT DO NOTHING
    """
)


def move_to_kept(session: Session, merge: ClientsMerged) -> tuple[UUID | None, set[UUID]]:
    """Write what is known of the card that is gone under that which is kept; who that is by now (None if it was done
    before), and whose cards have named the one that is gone.
    """
    into = remember_merge(session, merge.merged_id, merge.client_id)
    if into is None:
        return None, set()
    brought = set(session.scalars(WHO_NAMED, {"merged": merge.merged_id}))
    for move in MOVES:
        session.execute(move, {"merged": merge.merged_id, "into": into})
    session.execute(REMEMBER, {"into": into, "branches": list(merge.were_homes)})
    return into, brought

"""Tell others which cards of clients are of people who work here."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts.auth import StaffCardChanged
from services.auth.usecases.desk import Desk

STAFF = 1_007  # advisory lock
CLIENT = "client"  # a role

# Somebody is staff as long as one of their accounts is in use and has another role than `client`. Of cards that never
# were staff's nothing is kept.
STATE = text(
    """
    WITH truth AS (
        SELECT asked.client_id, EXISTS (
            SELECT FROM users JOIN user_roles ON user_roles.user_id = users.id
            JOIN roles ON roles.id = user_roles.role_id
            WHERE users.client_id = asked.client_id AND users.active AND roles.name_key <> :client
        ) AS staff
        FROM unnest(CAST(:ids AS UUID[])) AS asked (client_id)
    )
    INSERT INTO staff_cards AS known (client_id, version, staff)
    SELECT client_id, 1, staff FROM truth
    WHERE staff OR EXISTS (SELECT FROM staff_cards WHERE staff_cards.client_id = truth.client_id)
    ORDER BY client_id
    ON CONFLICT (client_id) DO UPDATE SET version = known.version + 1, staff = excluded.staff
        WHERE known.staff <> excluded.staff
    RETURNING client_id, version, staff
    """
)

CARDS_OF_STAFF = text(
    """
    SELECT DISTINCT client_id
    FROM users JOIN user_roles ON user_roles.user_id = users.id JOIN roles ON roles.id = user_roles.role_id
    WHERE client_id IS NOT NULL AND roles.name_key <> :client
    """
)


def tell_staff(session: Session, client_ids: Iterable[UUID | None], desk: Desk) -> None:
    """Announce for which of these cards it is another answer by now.

    One at a time: of two accounts of one person that are changed at once, each would see the other as it was.
    """
    ids = sorted({each for each in client_ids if each is not None})
    if not ids:
        return
    session.execute(select(func.pg_advisory_xact_lock(STAFF)))
    for row in session.execute(STATE, {"ids": ids, "client": CLIENT}).all():
        announce(session, StaffCardChanged(row.client_id, row.version, row.staff, desk.now))


def tell_all_staff(session: Session, desk: Desk) -> None:
    """For an installation whose accounts are older than what is told of them; otherwise there is nothing to tell."""
    tell_staff(session, session.scalars(CARDS_OF_STAFF, {"client": CLIENT}).all(), desk)

"""Say of two cards that they are of two people."""

from uuid import UUID

from sqlalchemy import delete, or_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.clients import DismissDuplicates, DismissedDuplicates
from kernel.errors import Invalid, NotFound
from services.clients import queries
from services.clients.tables import not_duplicates
from services.clients.usecases.desk import Desk

PERMISSION = "clients.merge"


def dismiss(session: Session, request: DismissDuplicates, desk: Desk) -> DismissedDuplicates:
    """Said again it changes nothing. It ends when one of the two is merged into a third card, or erased."""
    if request.first_id == request.second_id:
        raise Invalid.field("second_id", "duplicate_is_self", "a card is no duplicate of itself")
    first, second = sorted((request.first_id, request.second_id))
    for name, client_id in (("first_id", request.first_id), ("second_id", request.second_id)):
        try:
            queries.found(session, client_id, desk.caller, PERMISSION, locked=True)
        except NotFound:
            raise Invalid.field(name, "client_unknown", "there is no such client") from None
    values = {"first_id": first, "second_id": second, "said_by": desk.caller.id, "said_at": desk.now}
    session.execute(insert(not_duplicates).values(values).on_conflict_do_nothing())
    return DismissedDuplicates(first, second)


def forget_pairs(session: Session, client_id: UUID) -> None:
    """A card that is gone is nobody's duplicate and needs no word against it."""
    either = or_(not_duplicates.c.first_id == client_id, not_duplicates.c.second_id == client_id)
    session.execute(delete(not_duplicates).where(either))

"""What becomes of somebody's certificates, memberships and cards when their card is merged or they are erased."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from services.loyalty.queries.certificates import place_of_comment
from services.loyalty.tables.certificates import certificate_texts, certificates
from services.loyalty.tables.loyalty_cards import loyalty_cards
from services.loyalty.tables.memberships import memberships
from services.loyalty.usecases.loyalty_cards import note
from services.loyalty.vault import Vault


def move_passes(session: Session, merged_id: UUID, into_id: UUID, vault: Vault, now: datetime) -> None:
    """What was the card's that is gone is the card's that is kept; what was written is sealed under its key."""
    for column in (certificates.c.buyer_id, certificates.c.recipient_id):
        session.execute(update(certificates).where(column == merged_id).values({column.name: into_id}))
    session.execute(update(memberships).where(memberships.c.client_id == merged_id).values(client_id=into_id))
    theirs = update(loyalty_cards).where(loyalty_cards.c.client_id == merged_id).values(client_id=into_id)
    for card_id in session.scalars(theirs.returning(loyalty_cards.c.id)).all():
        note(session, card_id, "moved", now)
    texts = select(certificate_texts).where(certificate_texts.c.subject_id == merged_id)
    for row in session.execute(texts).all():
        place = place_of_comment(row.certificate_id)
        sealed = vault.moved(row.text, place, merged_id=merged_id, into_id=into_id)
        one = certificate_texts.c.certificate_id == row.certificate_id
        if sealed is None:
            session.execute(delete(certificate_texts).where(one))
        else:
            session.execute(update(certificate_texts).where(one).values(subject_id=into_id, text=sealed))


def forget_passes(session: Session, client_id: UUID, now: datetime) -> None:
    """Certificates keep their money and know nobody any more; cards are closed, with nothing that says whose they were.

    Memberships stay for the sums, of an id without a name.
    """
    theirs = select(certificates.c.id).where(
        or_(certificates.c.buyer_id == client_id, certificates.c.recipient_id == client_id)
    )
    session.execute(delete(certificate_texts).where(certificate_texts.c.certificate_id.in_(theirs)))
    for column in (certificates.c.buyer_id, certificates.c.recipient_id):
        session.execute(update(certificates).where(column == client_id).values({column.name: None}))
    closed = update(loyalty_cards).where(loyalty_cards.c.client_id == client_id)
    closed = closed.values(state="closed", number=None, client_id=None)
    for card_id in session.scalars(closed.returning(loyalty_cards.c.id)).all():
        note(session, card_id, "closed", now)

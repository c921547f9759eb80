"""Whether a card speaks of what a service is marked with."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.errors import Unavailable
from services.clients import domain
from services.clients.tables import clients
from services.clients.vault import Vault


def matched_conditions(session: Session, client_id: UUID, conditions: Sequence[str], vault: Vault) -> tuple[bool, ...]:
    """For each condition, whether the card speaks of it; of nobody, nothing is said."""
    row = session.execute(select(clients).where(clients.c.id == client_id)).one_or_none()
    if row is not None and row.merged_into is not None:
        row = session.execute(select(clients).where(clients.c.id == row.merged_into)).one_or_none()
    if row is None or row.erased_at is not None:
        return (False,) * len(conditions)
    card = vault.open([row]).get(row.id)
    if card is None or not vault.reads_health:
        raise Unavailable("card_unreadable", "nobody can say what stands in this card")
    return domain.matched(conditions, card.contraindications)

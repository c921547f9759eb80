"""What somebody has of certificates, memberships and cards, whoever asks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.loyalty import HeldPasses
from kernel.caller import Caller
from services.loyalty.queries.certificates import certificates_of
from services.loyalty.queries.loyalty_cards import cards_of
from services.loyalty.queries.memberships import memberships_of
from services.loyalty.vault import Vault


def held_passes(session: Session, client_id: UUID, vault: Vault, now: datetime) -> HeldPasses:
    """As the client sees them, for the export of what is held of the person."""
    themselves = Caller(client_id=client_id)
    return HeldPasses(
        tuple(certificates_of(session, client_id, themselves, vault, now)),
        memberships_of(session, client_id, themselves, now),
        cards_of(session, client_id, themselves),
    )

"""What people have here besides their place in the graph, when two cards become one and when somebody is erased."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.clients import ClientsMerged
from services.loyalty.usecases.exclusions import forget_exclusions, move_exclusions
from services.loyalty.usecases.holders import forget_passes, move_passes
from services.loyalty.usecases.points import forget_points, move_points
from services.loyalty.usecases.reviews import move_reviews
from services.loyalty.vault import Vault


def move_belongings(session: Session, vault: Vault, merge: ClientsMerged, into_id: UUID, now: datetime) -> None:
    """All of it is the card's that is kept; what was written is sealed under its key."""
    move_points(session, vault, merge.merged_id, into_id, now)
    move_passes(session, merge.merged_id, into_id, vault, now)
    move_exclusions(session, merge.merged_id, into_id, vault)
    move_reviews(session, merge, vault)


def forget_belongings(session: Session, vault: Vault, client_ids: Iterable[UUID], now: datetime) -> None:
    """Sums stay, of an id without a name; whatever was written opens no more, in no copy of it."""
    for client_id in sorted(set(client_ids)):
        forget_points(session, client_id)
        forget_passes(session, client_id, now)
        forget_exclusions(session, client_id)
        vault.forget(session, client_id)

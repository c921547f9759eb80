"""Telling sex and the five years of birth of cards that were written before others were told them."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from services.clients import domain
from services.clients.queries.sight import among
from services.clients.tables import card_rows, clients, unmeasured
from services.clients.usecases.telling import tell
from services.clients.vault import Vault

AT_ONCE = 200


def measure(session: Session, vault: Vault, now: datetime) -> bool:
    """Open some of these cards and tell of those that say anything; whether there may be more.

    A card that is damaged or has lost its key says nothing, now or later.
    """
    ids = session.scalars(select(unmeasured.c.client_id).order_by(unmeasured.c.client_id).limit(AT_ONCE)).all()
    if not ids:
        return False
    some = card_rows.where(among(clients.c.id, ids), clients.c.erased_at.is_(None)).order_by(clients.c.id)
    cards = vault.open(session.execute(some.with_for_update(of=clients, key_share=True)).all()).values()
    said = [
        {"card": card.id, "its_sex": card.person.sex, "its_band": domain.birth_band(card.person.birth_date)}
        for card in cards
        if card.person.sex is not None or card.person.birth_date is not None
    ]
    if said:
        one = update(clients).where(clients.c.id == bindparam("card"))
        kept = one.values(sex=bindparam("its_sex"), birth_band=bindparam("its_band"))
        session.connection().execute(kept, said)
        tell(session, [each["card"] for each in said], now)  # type: ignore[misc]  # an id, whatever the others are
    session.execute(delete(unmeasured).where(among(unmeasured.c.client_id, ids)))
    return len(ids) == AT_ONCE

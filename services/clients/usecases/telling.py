"""What others are told of a card, and whether it shares a contact with that of its referrer."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, text
from sqlalchemy.orm import Session

from chassis.database import Instant
from chassis.outbox import announce
from contracts.clients import ClientChanged
from services.clients.queries.sight import among
from services.clients.tables import clients, untold

AT_ONCE = 200
CONTACTS = 1_006  # advisory locks, one for each card

HOLD = text(
    """
    WITH wanted AS MATERIALIZED (
        SELECT DISTINCT hashtext(CAST(id AS TEXT)) AS place FROM unnest(CAST(:ids AS UUID[])) AS one (id) ORDER BY place
    )
    SELECT pg_advisory_xact_lock(:space, place) FROM wanted
    """
)

_SHARES = """
    EXISTS (
        SELECT FROM search_index AS own
        JOIN search_index AS theirs ON theirs.kind = own.kind AND theirs.value = own.value
        WHERE own.client_id = clients.id AND theirs.client_id = clients.referrer_id AND own.kind IN ('phone', 'email')
    )
"""

DECIDE = text(
    f"""
    UPDATE clients SET shared_contact = NOT shared_contact WHERE id = ANY(:ids) AND shared_contact <> {_SHARES}
    RETURNING id
    """  # noqa: S608  parts of ours
)

MARK_BROUGHT = text(
    f"""
    INSERT INTO untold (client_id)
    SELECT id FROM clients WHERE referrer_id = :client_id AND erased_at IS NULL AND shared_contact <> {_SHARES}
    ORDER BY id ON CONFLICT DO NOTHING
    """  # noqa: S608  parts of ours
)

# A card that was just written has a version of which nobody was told; else others get one that the card never has.
TELL = text(
    """
    WITH told AS (
        UPDATE clients SET told_version = greatest(told_version, version - :written) + 1
        WHERE id = ANY(:ids) AND erased_at IS NULL
        RETURNING id, told_version, channel_key, referrer_id, home_branch_id, registered_at, shared_contact,
            category_ids, importance, sex, birth_band
    )
    SELECT told.*, sources.id AS source_id, sources.name AS channel
    FROM told LEFT JOIN sources ON sources.key = told.channel_key ORDER BY told.id
    """
).columns(registered_at=Instant)


def hold_contacts(session: Session, ids: Iterable[UUID | None]) -> None:
    """Let nobody else write or compare the contacts of these cards until the transaction ends.

    Of a card that is changed and one that names it as its referrer at the same time, each would see the other as it
    was. Before any entry is written, and in one order, or two of us deadlock.
    """
    if some := [each for each in ids if each is not None]:
        session.execute(HOLD, {"space": CONTACTS, "ids": some})


def decide(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Compare the contacts of cards with those of their referrers anew; the cards of which the verdict is another."""
    return set(session.scalars(DECIDE, {"ids": list(ids)})) if ids else set()


def mark_brought(session: Session, client_id: UUID) -> None:
    """The contacts of this card are others: whoever it brought and shares one now, or no longer, is to be told of."""
    session.execute(MARK_BROUGHT, {"client_id": client_id})


def tell(session: Session, ids: Collection[UUID], now: datetime, *, written: bool = False) -> None:
    """Announce what cards say by now; `written`: they have a new version."""
    if not ids:
        return
    for row in session.execute(TELL, {"ids": list(ids), "written": int(written)}).all():
        announce(session, ClientChanged(**_state(row), occurred_at=now))


def _state(row: Row[Any]) -> dict[str, Any]:
    return {
        "client_id": row.id,
        "version": row.told_version,
        "channel": row.channel,
        "source_id": row.source_id,
        "referrer_id": row.referrer_id,
        "home_branch_id": row.home_branch_id,
        "registered_at": row.registered_at,
        "shared_contact": row.shared_contact,
        "category_ids": tuple(row.category_ids),
        "importance": row.importance,
        "sex": row.sex,
        "birth_band": row.birth_band,
    }


def last_version(session: Session, client_id: UUID) -> int:
    """By which version others hear the last of a card that was just written, so that nothing older comes after it."""
    above_all = func.greatest(clients.c.told_version + 1, clients.c.version)
    version: int = session.execute(select(above_all).where(clients.c.id == client_id)).scalar_one()
    return version


def tell_untold(session: Session, now: datetime) -> bool:
    """Tell of some of the cards that are marked; whether there may be more.

    Their rows first, then contacts, and the marks last: whoever marks a card holds one of the two, so that a mark
    which is set meanwhile finds the old one gone.
    """
    ids = session.scalars(select(untold.c.client_id).order_by(untold.c.client_id).limit(AT_ONCE)).all()
    if not ids:
        return False
    rows = locked(session, ids)
    hold_contacts(session, (row.referrer_id for row in rows))
    decide(session, ids)
    tell(session, ids, now)
    session.execute(delete(untold).where(among(untold.c.client_id, ids)))
    return len(ids) == AT_ONCE


def locked(session: Session, ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """The cards, in the order of their ids, held against everybody who would change them."""
    rows = select(clients).where(among(clients.c.id, ids)).order_by(clients.c.id)
    return session.execute(rows.with_for_update(key_share=True)).all()

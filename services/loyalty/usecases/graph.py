"""The referral graph as cards state it: who names whom, who is gone, which cards became one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from chassis.rows import Rows, insert_rows
from contracts.clients import ClientChanged, ClientErased, ClientRegistered, ClientsMerged
from services.loyalty.tables import claims
from services.loyalty.usecases.belongings import forget_belongings, move_belongings
from services.loyalty.usecases.discounts import recalculate_above
from services.loyalty.usecases.merges import move_to_kept
from services.loyalty.usecases.personal import forget_personal
from services.loyalty.usecases.segments import forget_segments
from services.loyalty.usecases.turns import take_turn
from services.loyalty.vault import Vault

EVER = datetime(1, 1, 1, tzinfo=UTC)  # before any fact

# An erasure that was heard first has left version 0, and stays. Whether another referrer holds is yet to be judged.
KEEP_CARDS = text(
    """
    INSERT INTO clients (client_id, version, referrer_id, home_branch_id, changed_at, erased)
    SELECT DISTINCT ON (client_id) client_id, version, referrer_id, home_branch_id, changed_at, FALSE
    FROM unnest(CAST(:clients AS UUID[]), CAST(:versions AS BIGINT[]), CAST(:referrers AS UUID[]),
                CAST(:homes AS UUID[]), CAST(:instants AS TIMESTAMPTZ[]))
         AS card (client_id, version, referrer_id, home_branch_id, changed_at)
    ORDER BY client_id, version DESC
    ON CONFLICT (client_id) DO UPDATE SET version = excluded.version, referrer_id = excluded.referrer_id,
        home_branch_id = excluded.home_branch_id, changed_at = excluded.changed_at, since = NULL, refused = NULL,
        counts_since = NULL, flagged = FALSE
    WHERE clients.version < excluded.version
    """
)

ERASE = text(
    """
    INSERT INTO clients (client_id, version, erased, erased_at)
    SELECT client_id, 0, TRUE, min(at)
    FROM unnest(CAST(:clients AS UUID[]), CAST(:instants AS TIMESTAMPTZ[])) AS gone (client_id, at)
    GROUP BY client_id ORDER BY client_id
    ON CONFLICT (client_id) DO UPDATE SET erased = TRUE, erased_at = least(clients.erased_at, excluded.erased_at)
    """
)


def copy_cards(session: Session, cards: Sequence[ClientRegistered | ClientChanged], now: datetime) -> None:
    """Take over what cards say of referrers and branches, and judge anew those whom they name or ever named."""
    take_turn(session)
    into = kept_ids(session, [card.referrer_id for card in cards])
    rows = [_fact(card, card.referrer_id and into.get(card.referrer_id, card.referrer_id)) for card in cards]
    insert_rows(session, Rows(claims, rows, unless="pk_claims"))
    session.execute(
        KEEP_CARDS,
        {
            "clients": [card.client_id for card in cards],
            "versions": [card.version for card in cards],
            "referrers": [card.referrer_id and into.get(card.referrer_id, card.referrer_id) for card in cards],
            "homes": [card.home_branch_id for card in cards],
            "instants": [card.occurred_at for card in cards],
        },
    )
    since: dict[UUID, datetime] = {}
    for card in cards:
        at = counted_from(card)
        since[card.client_id] = min(since.get(card.client_id, at), at)
    recalculate_above(session, since, now, loops=True)


def counted_from(card: ClientRegistered | ClientChanged) -> datetime:
    """Since when a card says so: a new one since the client was registered, perhaps years ago in another system."""
    return card.registered_at if card.version == 1 else card.occurred_at


def _fact(card: ClientRegistered | ClientChanged, referrer_id: UUID | None) -> dict[str, Any]:
    return {
        "client_id": card.client_id,
        "version": card.version,
        "referrer_id": referrer_id,
        "claimed_at": counted_from(card),
        "source_id": card.source_id,
        "channel": card.channel,
        "home_branch_id": card.home_branch_id,
        "shared_contact": card.shared_contact,
        "category_ids": sorted(card.category_ids),
        "importance": card.importance,
    }


def keep_merge(session: Session, vault: Vault, merge: ClientsMerged, now: datetime) -> None:
    """Move what is known of the card that is gone, end what it claims, and judge anew whomever that bears on.

    It is its last statement, with a version above all others: it names no referrer any more. The referrer of the
    person is that of the card which is kept.
    """
    take_turn(session)
    into, brought = move_to_kept(session, merge)
    if into is None:
        return
    move_belongings(session, vault, merge, into, now)
    last = {
        "clients": [merge.merged_id],
        "versions": [merge.merged_version],
        "referrers": [None],
        "homes": [None],
    }
    said = {"client_id": merge.merged_id, "version": merge.merged_version, "claimed_at": merge.occurred_at}
    nothing = {"shared_contact": False, "category_ids": (), "importance": "none"}
    insert_rows(session, Rows(claims, [said | nothing], unless="pk_claims"))
    session.execute(KEEP_CARDS, last | {"instants": [merge.occurred_at]})
    recalculate_above(session, dict.fromkeys({into, merge.merged_id, *brought}, EVER), now, loops=True)


def keep_erasures(session: Session, vault: Vault, erasures: Sequence[ClientErased], now: datetime) -> None:
    """The person is gone; the node stays, and so does what it counts for."""
    take_turn(session)
    clients = [each.client_id for each in erasures]
    session.execute(ERASE, {"clients": clients, "instants": [each.occurred_at for each in erasures]})
    forget_personal(session, erasures)
    forget_segments(session, clients)
    forget_belongings(session, vault, clients, now)
    recalculate_above(session, {each.client_id: each.occurred_at for each in erasures}, now)

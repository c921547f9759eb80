"""The copy of the referral graph: cards as they change, edges that hold, edges that would close a loop."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from contracts.clients import ClientChanged, ClientErased, ClientRegistered, ClientsMerged
from services.loyalty.domain.referrals import Claim, refused
from services.loyalty.usecases.discounts import regrant
from services.loyalty.usecases.merges import move_to_kept
from services.loyalty.usecases.turns import take_turn

KEEP_CLAIMS = text(
    """
    INSERT INTO claims (client_id, version, referrer_id, claimed_at)
    SELECT * FROM unnest(CAST(:clients AS UUID[]), CAST(:versions AS BIGINT[]), CAST(:referrers AS UUID[]),
                         CAST(:instants AS TIMESTAMPTZ[]))
    ON CONFLICT DO NOTHING
    """
)

# An erasure that was heard first has left version 0, and stays.
KEEP_CARDS = text(
    """
    INSERT INTO clients (client_id, version, referrer_id, home_branch_id, changed_at, erased)
    SELECT DISTINCT ON (client_id) client_id, version, referrer_id, home_branch_id, changed_at, FALSE
    FROM unnest(CAST(:clients AS UUID[]), CAST(:versions AS BIGINT[]), CAST(:referrers AS UUID[]),
                CAST(:homes AS UUID[]), CAST(:instants AS TIMESTAMPTZ[]))
         AS card (client_id, version, referrer_id, home_branch_id, changed_at)
    ORDER BY client_id, version DESC
    ON CONFLICT (client_id) DO UPDATE SET version = excluded.version, referrer_id = excluded.referrer_id,
        home_branch_id = excluded.home_branch_id, changed_at = excluded.changed_at
    WHERE clients.version < excluded.version
    """
)

# The first of the claims that have named today's referrer ever since.
DATE_EDGES = text(
    """
    UPDATE clients SET since = (
        SELECT min(claims.claimed_at) FROM claims
        WHERE claims.client_id = clients.client_id AND claims.version > coalesce((
            SELECT max(other.version) FROM claims AS other
            WHERE other.client_id = clients.client_id AND other.referrer_id IS DISTINCT FROM clients.referrer_id), 0))
    WHERE client_id = ANY(:clients)
    """
)

# A loop that was not there before goes through a changed edge; one that was there has a refused edge.
CLAIMS_ABOVE = text(
    """
    WITH RECURSIVE above AS (
        SELECT client_id, referrer_id, since, refused FROM clients
        WHERE client_id = ANY(:clients) OR refused IS NOT NULL
        UNION
        SELECT clients.client_id, clients.referrer_id, clients.since, clients.refused
        FROM clients JOIN above ON clients.client_id = above.referrer_id
    )
    SELECT client_id, referrer_id, since, refused FROM above
    """
)

REFUSE = text(
    """
    UPDATE clients SET refused = verdict.reason
    FROM unnest(CAST(:clients AS UUID[]), CAST(:reasons AS TEXT[])) AS verdict (client_id, reason)
    WHERE clients.client_id = verdict.client_id
    """
)

EVER_NAMED = text("SELECT DISTINCT referrer_id FROM claims WHERE client_id = ANY(:clients) AND referrer_id IS NOT NULL")

ERASE = text(
    """
    INSERT INTO clients (client_id, version, erased)
    SELECT DISTINCT client_id, 0, TRUE FROM unnest(CAST(:clients AS UUID[])) AS gone (client_id) ORDER BY client_id
    ON CONFLICT (client_id) DO UPDATE SET erased = TRUE
    """
)


def copy_cards(session: Session, cards: Sequence[ClientRegistered | ClientChanged], now: datetime) -> None:
    """Take over what cards say of referrers and branches, and grant anew to everybody whom they name or named."""
    take_turn(session)
    into = kept_ids(session, [card.referrer_id for card in cards])
    regrant(
        session,
        _keep(
            session,
            {
                "clients": [card.client_id for card in cards],
                "versions": [card.version for card in cards],
                "referrers": [card.referrer_id and into.get(card.referrer_id, card.referrer_id) for card in cards],
                "homes": [card.home_branch_id for card in cards],
                "instants": [card.occurred_at for card in cards],
            },
        ),
        now,
    )


def keep_merge(session: Session, merge: ClientsMerged, now: datetime) -> None:
    """Move what is known of the card that is gone, end what it claims, and grant anew to whom that bears on.

    It is its last statement, with a version above all others: it names no referrer any more. The referrer of the
    person is that of the card which is kept.
    """
    take_turn(session)
    into, brought = move_to_kept(session, merge)
    if into is None:
        return
    last: dict[str, Sequence[Any]] = {
        "clients": [merge.merged_id],
        "versions": [merge.merged_version],
        "referrers": [None],
        "homes": [None],
        "instants": [merge.occurred_at],
    }
    regrant(session, _keep(session, last, {into, *brought}) | {into}, now)


def _keep(session: Session, said: Mapping[str, Sequence[Any]], besides: Collection[UUID] = ()) -> set[UUID]:
    """Write what cards said, and judge it together with the cards `besides`; everybody whom any of them ever named."""
    changed = [*said["clients"], *besides]
    session.execute(KEEP_CLAIMS, said)
    session.execute(KEEP_CARDS, said)
    session.execute(DATE_EDGES, {"clients": changed})
    named = set(session.scalars(EVER_NAMED, {"clients": changed}))
    return named | _judge(session, changed)


def _judge(session: Session, changed: Iterable[UUID]) -> set[UUID]:
    """Decide again which claims hold, as far as `changed` bears on it; the referrers who win or lose somebody by it."""
    rows = session.execute(CLAIMS_ABOVE, {"clients": list(changed)}).all()
    verdicts = refused({row.client_id: Claim(row.referrer_id, row.since) for row in rows})
    other = [row for row in rows if verdicts.get(row.client_id) != row.refused]
    if other:
        session.execute(
            REFUSE,
            {
                "clients": [row.client_id for row in other],
                "reasons": [verdicts.get(row.client_id) for row in other],
            },
        )
    return {row.referrer_id for row in other if row.referrer_id is not None}


def keep_erasures(session: Session, erasures: Sequence[ClientErased]) -> None:
    """The person is gone; the node stays, and so does what it counts for."""
    take_turn(session)
    session.execute(ERASE, {"clients": [each.client_id for each in erasures]})

"""The copy of who came through whom or what, and the channel at the root of each chain."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from contracts.clients import ClientChanged, ClientErased, ClientRegistered
from services.analytics.domain.channels import channel_key
from services.analytics.usecases.segments import note_changed
from services.analytics.usecases.turns import take_turn

KEEP_CARDS = text(
    """
    INSERT INTO clients (client_id, version, referrer_id, channel, channel_key, registered_at, home_branch_id,
        sex, birth_band)
    SELECT DISTINCT ON (client_id) *
    FROM unnest(CAST(:clients AS UUID[]), CAST(:versions AS BIGINT[]), CAST(:referrers AS UUID[]),
                CAST(:channels AS TEXT[]), CAST(:keys AS TEXT[]), CAST(:instants AS TIMESTAMPTZ[]),
                CAST(:homes AS UUID[]), CAST(:sexes AS TEXT[]), CAST(:bands AS SMALLINT[]))
         AS card (client_id, version, referrer_id, channel, channel_key, registered_at, home_branch_id, sex, birth_band)
    ORDER BY client_id, version DESC
    ON CONFLICT (client_id) DO UPDATE SET version = excluded.version, referrer_id = excluded.referrer_id,
        channel = excluded.channel, channel_key = excluded.channel_key, registered_at = excluded.registered_at,
        home_branch_id = excluded.home_branch_id, sex = excluded.sex, birth_band = excluded.birth_band
    WHERE clients.version < excluded.version
    RETURNING client_id
    """
)

KEEP_ERASURES = text(
    "INSERT INTO erasures (client_id) SELECT DISTINCT unnest(CAST(:clients AS UUID[])) ON CONFLICT DO NOTHING"
)

FORGET_TRAITS = text(
    """
    UPDATE clients SET sex = NULL, birth_band = NULL
    WHERE client_id = ANY(:clients) AND client_id IN (SELECT client_id FROM erasures)
    """
)

# Up from each changed card to the top of its chain, then down to everybody below. UNION ends a walk round a loop; a
# loop, and a referrer who has not been heard of yet, have no top.
MOVE_ROOTS = text(
    """
    WITH RECURSIVE up AS (
        SELECT client_id AS start, client_id, referrer_id, channel_key FROM clients WHERE client_id = ANY(:clients)
        UNION
        SELECT up.start, clients.client_id, clients.referrer_id, clients.channel_key
        FROM clients JOIN up ON clients.client_id = up.referrer_id
    ), roots AS (
        SELECT start AS client_id, max(channel_key) FILTER (WHERE referrer_id IS NULL) AS root_key
        FROM up GROUP BY start
    ), down AS (
        SELECT client_id, root_key FROM roots
        UNION
        SELECT clients.client_id, down.root_key FROM clients JOIN down ON clients.referrer_id = down.client_id
    )
    UPDATE clients SET root_key = down.root_key FROM down
    WHERE clients.client_id = down.client_id AND clients.root_key IS DISTINCT FROM down.root_key
    """
)


def copy_cards(session: Session, cards: Sequence[ClientRegistered | ClientChanged]) -> None:
    """Take over referrers and channels, newer cards instead of older ones."""
    take_turn(session)
    into = kept_ids(session, [card.referrer_id for card in cards])
    changed = session.scalars(
        KEEP_CARDS,
        {
            "clients": [card.client_id for card in cards],
            "versions": [card.version for card in cards],
            "referrers": [card.referrer_id and into.get(card.referrer_id, card.referrer_id) for card in cards],
            "channels": [card.channel for card in cards],
            "keys": [_key(card) for card in cards],
            "instants": [card.registered_at for card in cards],
            "homes": [card.home_branch_id for card in cards],
            "sexes": [card.sex for card in cards],
            "bands": [card.birth_band for card in cards],
        },
    ).all()
    session.execute(MOVE_ROOTS, {"clients": changed})
    note_changed(session, [*changed, *(card.referrer_id for card in cards)])
    session.execute(FORGET_TRAITS, {"clients": changed})


def forget_traits(session: Session, erased: Sequence[ClientErased]) -> None:
    """What was told of erased people goes; what they came for and what it was worth stays, beside an id."""
    take_turn(session)
    ids = {"clients": [event.client_id for event in erased]}
    session.execute(KEEP_ERASURES, ids)
    note_changed(session, ids["clients"])
    session.execute(FORGET_TRAITS, ids)


def _key(card: ClientRegistered | ClientChanged) -> str | None:
    """By what the card's channel is known: its id, which stays when it is renamed; else by its spelling."""
    if card.source_id is not None:
        return str(card.source_id)
    return None if card.channel is None else channel_key(card.channel)

"""Who is in saved segments: every change is kept with its instant, and discounts that go by it are told anew."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.analytics import SegmentMembersChanged, SegmentRemoved
from services.loyalty.queries.programmes import timeline
from services.loyalty.queries.promotions import segments_named
from services.loyalty.tables import judgements_due, removed_segments
from services.loyalty.usecases.discounts import recalculate
from services.loyalty.usecases.turns import take_turn

AT_ONCE = 100  # clients who are judged anew in one transaction

# Of a person who was erased nothing is kept, whichever is heard of first. A promotion holds on visits only: there is
# nothing to tell of it but of visits that came before what was heard.
KEEP = text(
    """
    WITH kept AS (
        INSERT INTO segment_changes (segment_id, card_id, position, client_id, at, member)
        SELECT :segment, said.card_id, :position, coalesce(merges.into_id, said.card_id), :at, member
        FROM (SELECT unnest(CAST(:joined AS UUID[])) AS card_id, TRUE AS member
              UNION ALL
              SELECT unnest(CAST(:left AS UUID[])), FALSE) AS said
        LEFT JOIN merges ON merges.merged_id = said.card_id
        WHERE NOT EXISTS (
            SELECT FROM clients WHERE clients.client_id = coalesce(merges.into_id, said.card_id) AND erased)
        ON CONFLICT DO NOTHING
        RETURNING client_id
    )
    INSERT INTO judgements_due (client_id, since)
    SELECT DISTINCT client_id, CAST(:at AS TIMESTAMPTZ) FROM kept
    WHERE :by_programme OR (:by_promotion AND EXISTS (
        SELECT FROM grants WHERE grants.client_id = kept.client_id AND completed_at >= :at))
    ON CONFLICT (client_id) DO UPDATE SET since = least(judgements_due.since, excluded.since)
    """
)

WERE_IN_IT = text(
    """
    INSERT INTO judgements_due (client_id, since)
    SELECT DISTINCT client_id, CAST(:at AS TIMESTAMPTZ) FROM segment_changes WHERE segment_id = :segment
    ON CONFLICT (client_id) DO UPDATE SET since = least(judgements_due.since, excluded.since)
    """
)

DUE = text(
    """
    DELETE FROM judgements_due WHERE client_id IN (SELECT client_id FROM judgements_due ORDER BY client_id LIMIT :limit)
    RETURNING client_id, since
    """
)

FORGET = text("DELETE FROM segment_changes WHERE client_id = ANY(:clients)")


def keep_members(session: Session, changes: Sequence[SegmentMembersChanged]) -> None:
    """Take over who came and left; of whom something else may follow is judged in a moment."""
    take_turn(session)
    looks = _Looks(session)
    for change in changes:
        session.execute(
            KEEP,
            {
                "segment": change.segment_id,
                "position": change.position,
                "joined": list(change.joined),
                "left": list(change.left),
                "at": change.occurred_at,
                "by_programme": looks.by_programme(change.segment_id, change.occurred_at),
                "by_promotion": looks.by_promotion(change.segment_id),
            },
        )


def keep_removals(session: Session, removals: Sequence[SegmentRemoved]) -> None:
    """From then on nobody is in these segments, whoever else is heard to have been."""
    take_turn(session)
    looks = _Looks(session)
    for gone in removals:
        row = {"segment_id": gone.segment_id, "position": gone.position, "at": gone.occurred_at}
        session.execute(insert(removed_segments).values(row).on_conflict_do_nothing())
        if looks.by_programme(gone.segment_id, gone.occurred_at) or looks.by_promotion(gone.segment_id):
            session.execute(WERE_IN_IT, {"segment": gone.segment_id, "at": gone.occurred_at})


class _Looks:
    """What goes by a segment; of clients in others a change is kept, and nothing else has to be done."""

    def __init__(self, session: Session) -> None:
        self._programmes = timeline(session).all
        self._promoted = segments_named(session)

    def by_programme(self, segment_id: UUID, at: datetime) -> bool:
        """Whether a programme does that holds at `at` or later."""
        later = (each for each in self._programmes if each.ends is None or each.ends > at)
        return any(segment_id in each.segment_ids for each in later)

    def by_promotion(self, segment_id: UUID) -> bool:
        return segment_id in self._promoted


def forget_segments(session: Session, clients: Iterable[UUID]) -> None:
    """With the turn taken, before they are judged anew."""
    session.execute(FORGET, {"clients": list(clients)})


def judge_due(session: Session, now: datetime) -> bool:
    """Announce discounts of some who came or left, and give anew what their visits since then get; whether there are
    more of them. Who asks hears the truth anyway; this is for copies and for visits that were heard of first.
    """
    if session.scalar(select(judgements_due.c.client_id).limit(1)) is None:
        return False
    take_turn(session)
    due = session.execute(DUE, {"limit": AT_ONCE}).all()
    recalculate(session, {row.client_id: row.since for row in due}, now)
    return len(due) == AT_ONCE

"""Cards that became one: whatever a service keeps of a person is kept under the id that stands for them by now."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import Column, Index, MetaData, Table, Uuid, text
from sqlalchemy.orm import Session

# A card that is merged was perhaps itself what others were merged into.
KEEP = text(
    """
    WITH kept AS (
        INSERT INTO merges (merged_id, into_id)
        SELECT :merged, coalesce((SELECT into_id FROM merges WHERE merged_id = :kept), :kept)
        ON CONFLICT DO NOTHING RETURNING into_id
    ), moved AS (
        UPDATE merges SET into_id = kept.into_id FROM kept WHERE merges.into_id = :merged
    )
    SELECT into_id FROM kept
    """
)

INTO = text("SELECT merged_id, into_id FROM merges WHERE merged_id = ANY(:ids)")


def merges_table(metadata: MetaData) -> Table:
    """Cards that became part of another, and of which by now: always the last one of a chain."""
    return Table(
        "merges",
        metadata,
        Column("merged_id", Uuid, primary_key=True),
        Column("into_id", Uuid, nullable=False),
        Index("ix_merges_into_id", "into_id"),
    )


def remember_merge(session: Session, merged_id: UUID, kept_id: UUID) -> UUID | None:
    """Which card `merged_id` is a part of by now, whichever of several merges came first; None if that is known."""
    into: UUID | None = session.scalar(KEEP, {"merged": merged_id, "kept": kept_id})
    return into


def kept_ids(session: Session, ids: Iterable[UUID | None]) -> Mapping[UUID, UUID]:
    """Into which cards those of `ids` were merged that were."""
    rows = session.execute(INTO, {"ids": list({each for each in ids if each is not None})})
    return {row.merged_id: row.into_id for row in rows}

"""Under whose id facts are kept: that of the card which a person has by now."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

INTO = text("SELECT merged_id, into_id FROM merges WHERE merged_id = ANY(:clients)")


def kept_ids(session: Session, ids: Iterable[UUID | None]) -> Mapping[UUID, UUID]:
    """Into which cards those of `ids` were merged that were."""
    rows = session.execute(INTO, {"clients": list({each for each in ids if each is not None})})
    return {row.merged_id: row.into_id for row in rows}

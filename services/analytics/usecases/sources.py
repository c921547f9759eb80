"""The copy of how sources are called."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.clients import SourceChanged
from services.analytics.tables import sources

_put = insert(sources)
KEEP_NEWER = _put.on_conflict_do_update(
    index_elements=["source_id"],
    set_={"version": _put.excluded.version, "channel": _put.excluded.channel},
    where=sources.c.version < _put.excluded.version,
)


def copy_sources(session: Session, events: Sequence[SourceChanged]) -> None:
    """Newer names instead of older ones. What nobody came through is not shown, so one that is removed may stay."""
    for event in sorted(events, key=lambda each: (each.source_id, each.version)):  # in one order, or two of us deadlock
        named = {"source_id": event.source_id, "version": event.version, "channel": event.channel}
        session.execute(KEEP_NEWER, named)

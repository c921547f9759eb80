"""The copy of how sources are called, and of what they cost."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from contracts.clients import SourceChanged, SourceRemoved
from services.analytics.tables import source_costs, sources

_put = upsert(sources)
KEEP_NEWER = _put.on_conflict_do_update(
    index_elements=["source_id"],
    set_={"version": _put.excluded.version, "channel": _put.excluded.channel},
    where=sources.c.version < _put.excluded.version,
).returning(sources.c.source_id)


def copy_sources(session: Session, events: Sequence[SourceChanged]) -> None:
    """Newer names and costs instead of older ones."""
    for event in sorted(events, key=lambda each: (each.source_id, each.version)):  # in one order, or two of us deadlock
        named = {"source_id": event.source_id, "version": event.version, "channel": event.channel}
        if session.scalar(KEEP_NEWER, named) is not None:
            _keep_costs(session, event)


def forget_sources(session: Session, events: Sequence[SourceRemoved]) -> None:
    """Nobody came through a source that is removed, and what it cost goes with it: as clients shows it, so do we."""
    for event in sorted(events, key=lambda each: each.source_id):
        gone = {"source_id": event.source_id, "version": event.version, "channel": None}
        if session.scalar(KEEP_NEWER, gone) is not None:
            session.execute(delete(source_costs).where(source_costs.c.source_id == event.source_id))


def _keep_costs(session: Session, event: SourceChanged) -> None:
    session.execute(delete(source_costs).where(source_costs.c.source_id == event.source_id))
    costs = {
        date.fromisoformat(f"{each.month}-01"): {"source_id": event.source_id, "monthly": each.monthly.amount}
        for each in event.costs
    }
    if costs:
        session.execute(insert(source_costs), [{"month": month, **cost} for month, cost in costs.items()])

"""Facts of when masters work, day by day."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.booking import OpenDay, OpenHoursChanged
from services.analytics.domain.clock import minute_since, whole_minutes
from services.analytics.tables import open_days
from services.analytics.usecases.turns import take_turn

_put = insert(open_days)
KEEP_NEWER = _put.on_conflict_do_update(
    index_elements=["master_id", "branch_id", "local_date"],
    set_={name: _put.excluded[name] for name in ("version", "minutes", "starts", "ends", "opens", "closes")},
    where=open_days.c.version < _put.excluded.version,
)


def copy_open_hours(session: Session, events: Sequence[OpenHoursChanged]) -> None:
    """Newer days instead of older ones."""
    take_turn(session)
    newest: dict[tuple[UUID, UUID, Any], dict[str, Any]] = {}
    for event in sorted(events, key=lambda each: each.version):
        for day in event.days:
            newest[event.master_id, event.branch_id, day.date] = _row(event, day)
    if newest:
        session.execute(KEEP_NEWER, list(newest.values()))


def _row(event: OpenHoursChanged, day: OpenDay) -> dict[str, Any]:
    return {
        "master_id": event.master_id,
        "branch_id": event.branch_id,
        "local_date": day.date,
        "version": event.version,
        "minutes": sum(whole_minutes(each.starts, each.ends) for each in day.open),
        "starts": [each.starts for each in day.open],
        "ends": [each.ends for each in day.open],
        "opens": [minute_since(day.date, each.starts) for each in day.open],
        "closes": [minute_since(day.date, each.ends) for each in day.open],
    }

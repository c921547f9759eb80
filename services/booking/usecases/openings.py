"""Freed time: what somebody on the waiting list may be offered is written down by whatever frees it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, insert, select
from sqlalchemy.orm import Session

from chassis.database import new_id
from services.booking.tables import openings, waiting_entries

WAITING = ("waiting", "offered")  # who was made an offer may turn it down and wait on
A_MONTH = timedelta(days=31)  # that offers look at together
FAR = timedelta(days=400)  # beyond which nobody books


def freed(
    session: Session,
    branch_id: UUID,
    starts: datetime,
    ends: datetime,
    now: datetime,
    passed_by: Sequence[UUID] = (),
) -> None:
    """Note that time from `starts` to `ends` can be had again, if somebody waits in the branch for about that date.

    `passed_by` are the entries of the waiting list that have had their turn.
    """
    if ends <= now or ends <= starts:
        return
    # The zone is not asked for: a day more on both sides holds every zone, and who does not fit is not offered it.
    somebody = select(waiting_entries.c.id).where(
        waiting_entries.c.branch_id == branch_id,
        waiting_entries.c.status.in_(WAITING),
        waiting_entries.c.earliest <= ends.astimezone(UTC).date() + timedelta(days=1),
        waiting_entries.c.latest >= starts.astimezone(UTC).date() - timedelta(days=1),
    )
    if session.scalar(select(exists(somebody))):
        session.execute(
            insert(openings).values(
                id=new_id(),
                branch_id=branch_id,
                starts=max(starts, now),
                ends=ends,
                freed_at=now,
                passed_by=list(passed_by),
            )
        )


def freed_throughout(session: Session, branch_id: UUID, now: datetime) -> None:
    """Note that any time from now on may be had again in the branch, as far as somebody waits there."""
    waits = (waiting_entries.c.branch_id == branch_id, waiting_entries.c.status.in_(WAITING))
    latest = session.scalar(select(func.max(waiting_entries.c.latest)).where(*waits))
    if latest is None:
        return
    until = now + min(FAR, max(timedelta(), latest - now.astimezone(UTC).date()) + timedelta(days=2))
    starts = now
    while starts < until:
        ends = min(starts + A_MONTH, until)
        freed(session, branch_id, starts, ends, now)
        starts = ends

"""What every question has in common: which branches it may speak of, which channels are called what, which currency."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from kernel.caller import Caller, Reach
from kernel.errors import Forbidden, NotFound
from kernel.money import NO_CURRENCY
from services.analytics.tables import clients, visits


def branches_asked_for(caller: Caller, branch_id: UUID | None) -> Collection[UUID] | None:
    """The branches that an answer speaks of; None is all of them.

    Analytics keeps no list of branches: for callers of the whole chain one without visits is as good as an unknown one.
    """
    reach = caller.must("analytics.read")
    if reach is Reach.OWN:
        raise Forbidden("permission_missing", "figures are of branches, not of one's own")
    if branch_id is None:
        return None if reach is Reach.CHAIN else caller.branch_ids
    if reach is Reach.BRANCHES and branch_id not in caller.branch_ids:
        raise NotFound("branch_not_found", "no such branch")
    return [branch_id]


def currency(session: Session) -> str:
    """The one currency of the installation, as its bills have it."""
    return session.scalar(select(visits.c.currency).limit(1)) or NO_CURRENCY


def channel_names(session: Session) -> dict[str | None, str | None]:
    """How each channel is called: as the first client who came through it spelled it. The key None is no channel."""
    rows = session.execute(
        select(clients.c.channel_key, clients.c.channel)
        .where(clients.c.channel_key.is_not(None))
        .ext(distinct_on(clients.c.channel_key))
        .order_by(clients.c.channel_key, clients.c.registered_at, clients.c.client_id)
    )
    return {None: None} | {row.channel_key: row.channel for row in rows}

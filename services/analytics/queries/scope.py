"""What every question has in common: which branches it may speak of, which channels are called what, which currency."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Table, exists, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from kernel.caller import Caller, Reach
from kernel.errors import Forbidden, NotFound
from kernel.money import NO_CURRENCY
from services.analytics.domain.channels import channel_key
from services.analytics.tables import clients, figures, open_days, sources, visits


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


def reaches_everywhere(session: Session, caller: Caller, permission: str) -> bool:
    """Whether the right holds for all that there is: of the chain, or of every branch that anything is known of."""
    reach = caller.must(permission)
    if reach is not Reach.BRANCHES:
        return reach is Reach.CHAIN
    elsewhere = (
        exists().where(figures.c.span == "month", figures.c.kind == "visit", _beyond(figures, caller)),
        exists().where(_beyond(open_days, caller)),
    )
    return bool(caller.branch_ids) and not session.scalar(select(or_(*elsewhere)))


def _beyond(table: Table, caller: Caller) -> ColumnElement[bool]:
    return table.c.branch_id.is_not(None) & table.c.branch_id.not_in(caller.branch_ids)


def currency(session: Session) -> str:
    """The one currency of the installation, as its bills have it."""
    return session.scalar(select(visits.c.currency).limit(1)) or NO_CURRENCY


@dataclass(frozen=True)
class Channels:
    """What is one channel, and how it is called; None is no channel."""

    key_of: Mapping[str | None, str | None]  # by the key that cards are kept under
    name_of: Mapping[str | None, str | None]  # by the key that this gives

    def name(self, key: str | None) -> str | None:
        """How the channel is called under whose `key` cards are kept."""
        return self.name_of.get(self.key_of.get(key, key), key)


def channels(session: Session) -> Channels:
    """Each channel is called as its source is by now; until that has arrived, or where cards tell of no source, as the
    first client who came through it spelled it. Cards of both kinds are of one channel if it is called the same.
    """
    rows = session.execute(
        select(clients.c.channel_key, clients.c.channel)
        .where(clients.c.channel_key.is_not(None))
        .ext(distinct_on(clients.c.channel_key))
        .order_by(clients.c.channel_key, clients.c.registered_at, clients.c.client_id)
    )
    spelled = {row.channel_key: row.channel for row in rows}
    named = {str(row.source_id): row.channel for row in session.execute(select(sources)) if row.channel}
    names: dict[str | None, str | None] = {None: None} | spelled | named
    return Channels(
        {key: None if name is None else channel_key(name) for key, name in names.items()},
        {None: None} | {channel_key(name): name for name in (*spelled.values(), *named.values())},
    )

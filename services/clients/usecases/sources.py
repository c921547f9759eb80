"""Plant, change and cut the tree of channels, and find in it the channels that cards name."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import to_builtins
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.outbox import announce
from contracts.booking import ShowCurrency
from contracts.clients import (
    ChangeSource,
    Channel,
    CreateSource,
    RemovedSource,
    RemoveSource,
    SourceChanged,
    SourceRemoved,
)
from contracts.message import UNSET
from kernel.caller import Caller
from kernel.errors import Conflict, Invalid, NotFound, Unavailable
from services.clients import domain
from services.clients.domain.sources import named, refuse_branch_in_itself, refuse_impossible_costs
from services.clients.queries.sources import channel, currency_of_costs, is_used, source, sources_above, sources_named
from services.clients.tables import compared_by, sources
from services.clients.usecases.asking import Call
from services.clients.usecases.changes import changes_of, check_version, refusing
from services.clients.usecases.desk import Desk

MOST_SOURCES_OF_STRANGERS = 100  # of all in the tree; the salon itself may plant more
OTHER_SITES = "other sites"
TREE = 1_003  # advisory lock: two moves that are right alone could make a loop together
USED = Conflict("source_used", "cards or other sources hang on this one; it can be made inactive")
REFUSALS = {
    "uq_sources_name": Conflict("source_exists", "there is a source of this name"),
    "pk_sources": Conflict("source_exists", "there is a source of this name"),
    "fk_clients_channel_key": USED,
    "fk_sources_parent_id": USED,
}


def ask_currency_of_costs(call: Call, request: CreateSource | ChangeSource, _caller: Caller) -> str | None:
    """What the installation counts in, if the request speaks of money; None too where booking does not say so."""
    if request.costs is UNSET or not request.costs:
        return None
    try:
        currency: str | None = call(ShowCurrency()).currency
    except (Unavailable, NotFound):  # not installed is not found
        return None
    return currency


def create_source(session: Session, request: CreateSource, desk: Desk, currency: str | None) -> Channel:
    _lock_tree(session)
    values = _checked(session, None, changes_of(request, "name", "parent_id", "active", "costs"), currency)
    with refusing(session, REFUSALS):
        row = session.execute(insert(sources).values(_fresh(session, values)).returning(sources)).one()
    return _told(session, row, desk.now)


def change_source(session: Session, request: ChangeSource, desk: Desk, currency: str | None) -> Channel:
    _lock_tree(session)
    row = source(session, request.id, locked=True)
    check_version(request.version, row.version)
    said = changes_of(request, "name", "parent_id", "active", "costs")
    values = _checked(session, row.id, said, currency)
    if not values:
        return channel(row)
    with refusing(session, REFUSALS):
        statement = update(sources).where(sources.c.id == row.id).values(values | {"version": row.version + 1})
        row = session.execute(statement.returning(sources)).one()
    return _told(session, row, desk.now)


def remove_source(session: Session, request: RemoveSource, desk: Desk) -> RemovedSource:
    _lock_tree(session)
    row = source(session, request.id, locked=True)
    check_version(request.version, row.version)
    if is_used(session, row):
        raise USED
    with refusing(session, REFUSALS):
        session.execute(delete(sources).where(sources.c.id == row.id))
    announce(session, SourceRemoved(row.id, row.version + 1, desk.now))
    return RemovedSource(row.id)


def sources_of(session: Session, cards: Iterable[domain.Card], now: datetime) -> Mapping[str, Row[Any]]:
    """The sources that the channels of `cards` name, by what names are compared by; new ones stand at the root."""
    said: dict[str, str] = {}
    for card in cards:
        if card.channel is not None:
            said.setdefault(domain.channel_key(card.channel) or "", card.channel)
    if not said:
        return {}
    known = sources_named(session, said)
    missing = sorted(set(said) - set(known))  # in one order, or two of us deadlock
    if not missing:
        return known
    rows = [_fresh(session, {"name": said[key], "name_key": key}) for key in missing]
    made = session.execute(upsert(sources).values(rows).on_conflict_do_nothing().returning(sources)).all()
    for row in made:
        _told(session, row, now)
    return sources_named(session, said)


def counted_as(session: Session, said: str | None) -> tuple[str | None, bool]:
    """The name by which a channel is counted that a stranger says, and whether it is there already: of a source, as the
    salon writes it, or a new one.

    Anybody can write anything into an address, so only so many sources come from there.
    """
    if said is None:
        return None, True
    if name := _source_named(session, said):
        return name, True
    many = session.scalar(select(func.count()).select_from(sources)) or 0
    if many < MOST_SOURCES_OF_STRANGERS:
        return said, False
    return OTHER_SITES, _source_named(session, OTHER_SITES) is not None


def _source_named(session: Session, said: str) -> str | None:
    known = sources_named(session, [domain.channel_key(said) or ""])
    return str(next(iter(known.values())).name) if known else None


def _fresh(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """`values` with an id, and the key that cards will hold: the name's, unless a renamed source has kept that."""
    source_id, key = new_id(), values["name_key"]
    taken = session.scalar(select(sources.c.key).where(sources.c.key == key, compared_by != key))
    return values | {"id": source_id, "key": key if taken is None else str(source_id)}


def _checked(session: Session, source_id: UUID | None, said: dict[str, Any], currency: str | None) -> dict[str, Any]:
    """What is said as it is kept, or `Invalid` by its field. `currency` is that of the installation, if it is known."""
    if "name" in said:
        said["name"] = named(said["name"])
        said["name_key"] = domain.channel_key(said["name"])
    if (parent_id := said.get("parent_id")) is not None:
        try:
            source(session, parent_id)
        except NotFound:
            raise Invalid.field("parent_id", "source_unknown", "there is no such source") from None
        if source_id is not None:
            refuse_branch_in_itself(source_id, parent_id, sources_above(session, parent_id))
    if (costs := said.get("costs", UNSET)) is not UNSET:
        months = [(cost.month, cost.monthly) for cost in costs]
        refuse_impossible_costs(months, currency or currency_of_costs(session, source_id) if months else None)
        said["costs"] = to_builtins(costs)
    return said


def _lock_tree(session: Session) -> None:
    session.execute(select(func.pg_advisory_xact_lock(TREE)))


def _told(session: Session, row: Row[Any], now: datetime) -> Channel:
    view = channel(row)
    announce(
        session,
        SourceChanged(view.id, view.version, view.name, view.parent_id, view.active, view.costs, now),
    )
    return view

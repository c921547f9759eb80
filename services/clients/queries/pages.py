"""Lists of cards, and what a search finds."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import Client, ListClients, SearchClients
from contracts.message import CONTACTS, Page
from kernel.caller import Caller, Reach
from services.clients import domain
from services.clients.queries.candidates import Place, Sought, candidates
from services.clients.queries.reveals import listed
from services.clients.queries.sight import among, visible
from services.clients.queries.views import view
from services.clients.tables import card_rows, clients
from services.clients.vault import Vault

CURSOR = (Annotated[datetime, Meta(tz=True)], UUID)


def page(
    session: Session, request: ListClients | SearchClients, caller: Caller, vault: Vault, phone: str | None
) -> Page[Client]:
    """One page of cards in order of registration; those that fit `q`, if it is given. `phone` is `q` as a number."""
    after = Place(*decode_cursor(request.cursor, *CURSOR)) if request.cursor else None
    wanted = None if request.q is None else _wanted(request.q, phone, caller)
    shown = list(islice(_found(session, request, caller, vault, wanted, after), request.limit + 1))
    more = len(shown) > request.limit
    shown = shown[: request.limit]
    return Page(
        items=tuple(listed(view(card), caller) for card in shown),
        next=encode_cursor(shown[-1].registered_at, shown[-1].id) if more else None,
    )


def _wanted(q: str, phone: str | None, caller: Caller) -> domain.Wanted:
    wanted = domain.wanted(q, phone)
    if caller.sees(CONTACTS):
        return wanted
    return domain.Wanted(words=wanted.words)  # or whoever may not read a phone could try which one it is


def _found(
    session: Session,
    request: ListClients | SearchClients,
    caller: Caller,
    vault: Vault,
    wanted: domain.Wanted | None,
    after: Place | None,
) -> Iterator[domain.Card]:
    """The cards behind `after`, in order. Whoever sees a part only has it looked for where cards are found."""
    reach = caller.must("clients.read")
    labels = (request.category_id, request.importance) if isinstance(request, ListClients) else (None, None)
    cards = card_rows.where(clients.c.erased_at.is_(None), visible(caller, "clients.read"))
    one_more = request.limit + 1
    if reach is Reach.OWN or (wanted is None and (any(labels) or reach is Reach.CHAIN)):
        in_order = _in_order(session, cards.where(*_labelled(*labels)), after, one_more, vault)
        return (card for card in in_order if wanted is None or wanted.fits(card.person))
    entries = vault.wanted_entries(wanted) if wanted else []
    if wanted and not entries:
        return iter(())
    branches = None if reach is Reach.CHAIN else sorted(caller.branch_ids)
    sought = Sought(entries, branches, *labels)
    return _meant(session, cards, candidates(session, sought, after, one_more), vault, wanted)


def _labelled(category_id: UUID | None, importance: str | None) -> Iterator[ColumnElement[bool]]:
    if category_id is not None:
        yield clients.c.category_ids.contains(literal([category_id], clients.c.category_ids.type))
    if importance is not None:
        yield clients.c.importance == importance


def _in_order(
    session: Session, cards: Select[Any], after: Place | None, at_once: int, vault: Vault
) -> Iterator[domain.Card]:
    key = tuple_(clients.c.registered_at, clients.c.id)
    cards = cards.order_by(clients.c.registered_at, clients.c.id).limit(at_once)
    while True:
        behind = cards if after is None else cards.where(key > tuple_(*map(literal, after)))
        rows = session.execute(behind).all()
        yield from vault.open(rows).values()
        if len(rows) < at_once:
            return
        after = Place(rows[-1].registered_at, rows[-1].id)


def _meant(
    session: Session, cards: Select[Any], parts: Iterator[list[UUID]], vault: Vault, wanted: domain.Wanted | None
) -> Iterator[domain.Card]:
    """Those of `parts`, the candidates, who are in `cards` and really fit: an index of beginnings knows no more."""
    for ids in parts:
        opened = vault.open(session.execute(cards.where(among(clients.c.id, ids))).all())
        met = (opened[one] for one in ids if one in opened)
        yield from (card for card in met if wanted is None or wanted.fits(card.person))

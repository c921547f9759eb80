"""Lists of cards, and what a search finds."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import ColumnElement, Row, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import Client, ListClients, SearchClients
from contracts.message import CONTACTS, Page
from kernel.caller import Caller
from services.clients import domain
from services.clients.queries.sight import among, visible
from services.clients.queries.views import view
from services.clients.tables import clients, search_index
from services.clients.vault import Vault

CURSOR = (Annotated[datetime, Meta(tz=True)], UUID)
SCANNED_AT_ONCE = 200  # cards opened in one go while a search looks for those that really fit


def page(
    session: Session, request: ListClients | SearchClients, caller: Caller, vault: Vault, phone: str | None
) -> Page[Client]:
    """One page of cards in order of registration; those that fit `q`, if it is given. `phone` is `q` as a number."""
    limit, at_once = request.limit, SCANNED_AT_ONCE
    cards = select(clients).where(clients.c.erased_at.is_(None), visible(caller, "clients.read"))
    wanted = None
    if request.q is None:
        at_once = limit + 1
    else:
        wanted = domain.wanted(request.q, phone)
        if not caller.sees(CONTACTS):  # else whoever may not read a phone could try which one it is
            wanted = domain.Wanted(words=wanted.words)
        cards = cards.where(_candidates(vault.wanted_entries(wanted)))
    after = decode_cursor(request.cursor, *CURSOR) if request.cursor else None
    shown: list[domain.Card] = []
    while len(shown) <= limit:
        rows = _rows_after(session, cards, after, at_once)
        readable = vault.open(rows)
        shown += [card for card in readable.values() if wanted is None or wanted.fits(card.person)]
        if len(rows) < at_once:
            break
        after = (rows[-1].registered_at, rows[-1].id)
    more = len(shown) > limit
    shown = shown[:limit]
    return Page(
        items=tuple(view(card) for card in shown),
        next=encode_cursor(shown[-1].registered_at, shown[-1].id) if more else None,
    )


def _rows_after(session: Session, cards: Select[Any], after: tuple[Any, ...] | None, limit: int) -> Sequence[Row[Any]]:
    key = tuple_(clients.c.registered_at, clients.c.id)
    if after is not None:
        cards = cards.where(key > tuple_(literal(after[0], clients.c.registered_at.type), literal(after[1])))
    return session.execute(cards.order_by(clients.c.registered_at, clients.c.id).limit(limit)).all()


def _candidates(alternatives: Iterable[tuple[str, list[bytes]]]) -> ColumnElement[bool]:
    return or_(
        literal(value=False),
        *(
            clients.c.id.in_(
                select(search_index.c.client_id)
                .where(search_index.c.kind == kind, among(search_index.c.value, values))
                .group_by(search_index.c.client_id)
                .having(func.count() == len(values))
            )
            for kind, values in alternatives
        ),
    )

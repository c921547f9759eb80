"""What can be seen of loyalty cards: their types, the cards of a client, whose a number is, and its history."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.loyalty import (
    ListLoyaltyCardEntries,
    ListLoyaltyCards,
    ListLoyaltyCardTypes,
    LoyaltyCard,
    LoyaltyCardEntry,
    LoyaltyCardType,
)
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from services.loyalty.queries.visibility import visible_card
from services.loyalty.tables.loyalty_cards import loyalty_card_entries, loyalty_card_types, loyalty_cards

READ = "loyalty_cards.read"
ROWS = select(loyalty_cards, loyalty_card_types.c.name.label("type_name")).join(loyalty_card_types)


def type_view(row: Row[Any]) -> LoyaltyCardType:
    return LoyaltyCardType(row.id, row.name, row.colour, row.stands_for, row.version)


def row_of_type(session: Session, type_id: UUID, *, locked: bool = False) -> Row[Any]:
    query = select(loyalty_card_types).where(loyalty_card_types.c.id == type_id)
    row = session.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise NotFound("card_type_not_found", "there is no such type of cards")
    return row


def list_types(session: Session, request: ListLoyaltyCardTypes) -> Page[LoyaltyCardType]:
    query = select(loyalty_card_types)
    if request.cursor:
        query = query.where(loyalty_card_types.c.id > decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(loyalty_card_types.c.id).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    return Page(tuple(map(type_view, shown)), encode_cursor(shown[-1].id) if len(rows) > len(shown) else None)


def card_views(rows: Iterable[Row[Any]], caller: Caller) -> tuple[LoyaltyCard, ...]:
    told = caller.reach(READ) not in (None, Reach.OWN)
    return tuple(
        LoyaltyCard(
            id=row.id,
            type_id=row.type_id,
            type_name=row.type_name,
            number=row.number,
            client_id=row.client_id,
            branch_id=row.branch_id,
            state=row.state,
            issued_at=row.issued_at,
            issued_by=row.issued_by if told else None,
            blocked_at=row.blocked_at,
            block_reason=row.block_reason,
            replaced_by_id=row.replaced_by_id,
        )
        for row in rows
    )


def row_of(session: Session, client_id: UUID, card_id: UUID, *, locked: bool = False) -> Row[Any]:
    """A card of the client, whom the caller was found to see."""
    query = ROWS.where(loyalty_cards.c.id == card_id, loyalty_cards.c.client_id == client_id)
    row = session.execute(query.with_for_update(of=loyalty_cards) if locked else query).one_or_none()
    if row is None:
        raise NotFound("card_not_found", "this client has no such card")
    return row


def show_card(session: Session, client_id: UUID, card_id: UUID, caller: Caller) -> LoyaltyCard:
    visible_card(session, client_id, caller, READ)
    return card_views([row_of(session, client_id, card_id)], caller)[0]


def list_cards(session: Session, request: ListLoyaltyCards, caller: Caller) -> Page[LoyaltyCard]:
    visible_card(session, request.client_id, caller, READ)
    query = ROWS.where(loyalty_cards.c.client_id == request.client_id)
    if request.cursor:
        query = query.where(loyalty_cards.c.id < decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(loyalty_cards.c.id.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    return Page(card_views(shown, caller), encode_cursor(shown[-1].id) if len(rows) > len(shown) else None)


def list_entries(session: Session, request: ListLoyaltyCardEntries, caller: Caller) -> Page[LoyaltyCardEntry]:
    visible_card(session, request.client_id, caller, READ)
    row_of(session, request.client_id, request.id)
    told = caller.must(READ) is not Reach.OWN
    query = select(loyalty_card_entries).where(loyalty_card_entries.c.card_id == request.id)
    if request.cursor:
        query = query.where(loyalty_card_entries.c.number > decode_cursor(request.cursor, int)[0])
    rows = session.execute(query.order_by(loyalty_card_entries.c.number).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    views = tuple(LoyaltyCardEntry(row.number, row.kind, row.at, row.author_id if told else None) for row in shown)
    return Page(views, encode_cursor(shown[-1].number) if len(rows) > len(shown) else None)


def cards_of(session: Session, client_id: UUID, caller: Caller) -> tuple[LoyaltyCard, ...]:
    """All that somebody has or had, for the export of what is held of them."""
    rows = session.execute(ROWS.where(loyalty_cards.c.client_id == client_id).order_by(loyalty_cards.c.id))
    return card_views(rows, caller)

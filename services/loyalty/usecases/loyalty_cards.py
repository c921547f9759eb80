"""Issue loyalty cards, block and replace them, and find whose a number is."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import new_id, refusal_of
from chassis.messaging import Refused
from contracts.loyalty import (
    BlockLoyaltyCard,
    ChangeLoyaltyCardType,
    CreateLoyaltyCardType,
    IssueLoyaltyCard,
    LookUpLoyaltyCard,
    LoyaltyCard,
    LoyaltyCardType,
)
from contracts.message import UNSET
from kernel.caller import Caller
from kernel.errors import Conflict, Invalid, NotFound, Refusal, Stale
from services.loyalty.domain.loyalty_cards import RANDOM_DIGITS, given_number, new_number, refuse_block
from services.loyalty.domain.names import key_of, named
from services.loyalty.queries.loyalty_cards import READ, ROWS, card_views, row_of, row_of_type, type_view
from services.loyalty.queries.visibility import may_see, visible_card
from services.loyalty.tables.loyalty_cards import loyalty_card_entries, loyalty_card_types, loyalty_cards
from services.loyalty.usecases.asking import Asked, refuse_branch
from services.loyalty.usecases.certificates import count_failure, refuse_haste

TAKEN = Conflict("card_number_taken", "there is a card with this number", errors={"number": ["it is taken"]})
REFUSALS: dict[str, Refusal] = {
    "uq_loyalty_card_types_name_key": Conflict("card_type_exists", "there is a type of cards of this name"),
    "uq_loyalty_cards_number": TAKEN,
}


# --- types -----------------------------------------------------------------------------------------------------------


def create_type(session: Session, request: CreateLoyaltyCardType) -> LoyaltyCardType:
    values = _terms(request) | {"id": new_id(), "version": 1}
    return _type_kept(session, insert(loyalty_card_types).values(values))


def change_type(session: Session, request: ChangeLoyaltyCardType) -> LoyaltyCardType:
    row = row_of_type(session, request.id, locked=True)
    if row.version != request.version:
        raise Stale("version_stale", "somebody has changed it since")
    values = _terms(request)
    if not values:
        return type_view(row)
    statement = update(loyalty_card_types).where(loyalty_card_types.c.id == row.id)
    return _type_kept(session, statement.values(version=row.version + 1, **values))


def _terms(request: CreateLoyaltyCardType | ChangeLoyaltyCardType) -> dict[str, Any]:
    """The columns that the request says something about."""
    said = {name: getattr(request, name) for name in ("name", "colour", "stands_for")}
    values = {name: value for name, value in said.items() if value is not UNSET}
    if "name" in values:
        values["name"] = named(values["name"])
        values["name_key"] = key_of(values["name"])
    if values.get("stands_for") is not None:
        values["stands_for"] = named(values["stands_for"], "stands_for")
    return values


def _type_kept(session: Session, statement: Any) -> LoyaltyCardType:
    try:
        with session.begin_nested():
            return type_view(session.execute(statement.returning(loyalty_card_types)).one())
    except IntegrityError as error:
        raise refusal_of(error, REFUSALS) from None


# --- cards -----------------------------------------------------------------------------------------------------------


def issue_card(session: Session, request: IssueLoyaltyCard, caller: Caller, asked: Asked, now: datetime) -> LoyaltyCard:
    visible_card(session, request.client_id, caller, "loyalty_cards.issue")
    refuse_branch(request.branch_id, asked, caller)
    known = select(loyalty_card_types.c.id).where(loyalty_card_types.c.id == request.type_id)
    if session.scalar(known) is None:
        raise Invalid.field("type_id", "card_type_unknown", "there is no such type of cards")
    card_id = _made(session, request.client_id, request.type_id, request.branch_id, request.number, caller, now)
    return _shown(session, card_id, caller)


def block_card(session: Session, request: BlockLoyaltyCard, caller: Caller, now: datetime) -> LoyaltyCard:
    """Nothing is lost with a card: what counts hangs on the client."""
    visible_card(session, request.client_id, caller, "loyalty_cards.block")
    row = row_of(session, request.client_id, request.id, locked=True)
    refuse_block(row.state)
    if request.number is not None and not request.replace:
        raise Invalid.field("number", "number_of_nothing", "a number is for a card that replaces this one")
    replaced_by = None
    if request.replace:
        replaced_by = _made(session, row.client_id, row.type_id, row.branch_id, request.number, caller, now)
    session.execute(
        update(loyalty_cards)
        .where(loyalty_cards.c.id == row.id)
        .values(state="blocked", blocked_at=now, block_reason=request.reason, replaced_by_id=replaced_by)
    )
    note(session, row.id, "replaced" if replaced_by else "blocked", now, caller.id)
    return _shown(session, row.id, caller)


def look_up_card(session: Session, request: LookUpLoyaltyCard, caller: Caller, now: datetime) -> LoyaltyCard:
    """A card of somebody whom the caller may not see is not there, and counts as a guess."""
    number = given_number(request.number)
    refuse_haste(session, caller, now)
    row = session.execute(ROWS.where(loyalty_cards.c.number == number)).one_or_none()
    if row is None or row.client_id is None or not may_see(session, row.client_id, caller, READ):
        count_failure(session, caller, now)
        raise Refused(NotFound("card_not_found", "there is no card with this number"))
    return card_views([row], caller)[0]


def _made(
    session: Session,
    client_id: UUID,
    type_id: UUID,
    branch_id: UUID,
    said: str | None,
    caller: Caller,
    now: datetime,
) -> UUID:
    card_id = new_id()
    number = new_number(secrets.randbelow(10**RANDOM_DIGITS)) if said is None else given_number(said)
    try:
        with session.begin_nested():
            session.execute(
                insert(loyalty_cards).values(
                    id=card_id,
                    type_id=type_id,
                    number=number,
                    client_id=client_id,
                    branch_id=branch_id,
                    state="active",
                    issued_at=now,
                    issued_by=caller.id,
                )
            )
    except IntegrityError as error:
        raise refusal_of(error, REFUSALS) from None
    note(session, card_id, "issued", now, caller.id)
    return card_id


def note(session: Session, card_id: UUID, kind: str, now: datetime, author_id: UUID | None = None) -> None:
    """Add to the history of a card that is locked or new."""
    table = loyalty_card_entries
    number = select(func.coalesce(func.max(table.c.number), 0) + 1).where(table.c.card_id == card_id)
    values = {"card_id": card_id, "number": number.scalar_subquery(), "kind": kind, "at": now, "author_id": author_id}
    session.execute(insert(table).values(values))


def _shown(session: Session, card_id: UUID, caller: Caller) -> LoyaltyCard:
    return card_views(session.execute(ROWS.where(loyalty_cards.c.id == card_id)), caller)[0]

"""Whose cards a caller may see, and the cards themselves, opened."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Uuid, any_, exists, func, literal, literal_column, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from kernel.caller import Caller, Reach
from kernel.errors import Conflict, Gone, NotFound
from services.clients import domain
from services.clients.tables import card_rows, client_branches, clients
from services.clients.vault import Vault

ZERO: ColumnElement[int] = literal_column("0")


def among(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """`column IN values`, with the values in one array: one statement to prepare, however many they are."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def of_person(column: ColumnElement[Any], client_id: UUID) -> ColumnElement[bool]:
    """Rows of the card `client_id`, and of those that were merged into it: what hangs on them stays where it is."""
    person = select(clients.c.id).where(or_(clients.c.id == client_id, clients.c.merged_into == client_id))
    # An array, or the planner may read the whole table instead of its index.
    return column == any_(func.array(person.scalar_subquery(), type_=ARRAY(Uuid)))


def visible(caller: Caller, permission: str) -> ColumnElement[bool]:
    """The cards that `permission` reaches for `caller`: all, their branches' and nobody's, or their own."""
    reach = caller.must(permission)
    if reach is Reach.CHAIN:
        return true()
    if reach is Reach.OWN:
        return clients.c.id == caller.client_id  # of nobody, if the caller is no client: nothing equals NULL
    branches = sorted(caller.branch_ids)
    # OFFSET 0, or the planner may read the whole table into a hash for the few cards of a page.
    appointments = select(client_branches.c.client_id).where(client_branches.c.client_id == clients.c.id).offset(ZERO)
    return or_(
        among(clients.c.home_branch_id, branches),
        exists(appointments.where(among(client_branches.c.branch_id, branches))),
        clients.c.home_branch_id.is_(None) & ~exists(appointments),
    )


def found(session: Session, client_id: UUID, caller: Caller, permission: str, *, locked: bool = False) -> Row[Any]:
    """The row of a card that lives and that the caller may see."""
    statement = card_rows.where(clients.c.id == client_id, visible(caller, permission))
    row = session.execute(statement.with_for_update(key_share=True) if locked else statement).one_or_none()
    if row is None:
        raise NotFound("client_not_found", "there is no such client")
    if row.merged_into is not None:
        raise merged(row.merged_into)
    if row.erased_at is not None:
        raise Gone("client_erased", "this client was erased")
    return row


def merged(into: UUID) -> Gone:
    """The card lives on as part of another, by now `into`."""
    return Gone("merged", "this card was merged into another one", merged_into=str(into))


def opened(row: Row[Any], vault: Vault) -> domain.Card:
    """The card in `row`. Without a key it is on its way to being erased, whatever the row still holds."""
    card = vault.open([row]).get(row.id)
    if card is not None:
        return card
    if not vault.has_key(row.id):
        raise Gone("client_erased", "this client was erased")
    raise Conflict("card_damaged", "this card is damaged and cannot be read")


def may_see(session: Session, client_id: UUID, caller: Caller) -> bool:
    if not caller.may("clients.read"):
        return False
    return bool(session.scalar(select(exists().where(clients.c.id == client_id, visible(caller, "clients.read")))))

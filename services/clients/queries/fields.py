"""The fields of a salon's own, and what a card says in them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from contracts.clients import ClientField, FieldValue
from contracts.message import CONTACTS
from kernel.caller import Caller
from kernel.errors import NotFound
from services.clients.domain.fields import Field
from services.clients.tables import client_fields, field_values
from services.clients.vault import Vault


def field_view(row: Row[Any]) -> ClientField:
    return ClientField(row.id, row.name, row.kind, tuple(row.options), row.required, row.personal, row.version)


def show_field(session: Session, field_id: UUID, *, locked: bool = False) -> ClientField:
    query = select(client_fields).where(client_fields.c.id == field_id)
    row = session.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise NotFound("field_not_found", "there is no such field of cards")
    return field_view(row)


def known_fields(session: Session) -> dict[UUID, Field]:
    """All fields; none of them can be removed until the transaction ends."""
    rows = session.execute(select(client_fields).with_for_update(read=True, key_share=True))
    return {row.id: Field(row.id, row.kind, tuple(row.options), row.required, row.personal) for row in rows}


def values_of(session: Session, client_id: UUID, caller: Caller, vault: Vault) -> tuple[FieldValue, ...]:
    """What the card says, without what is personal for those who may not see contacts."""
    said = said_in_fields(session, client_id, vault, personal=caller.sees(CONTACTS))
    return tuple(FieldValue(field_id, text) for field_id, text in said.items())


def said_in_fields(session: Session, client_id: UUID, vault: Vault, *, personal: bool = True) -> dict[UUID, str]:
    """The text in each field, in the order of their ids; what is personal only if that is asked for."""
    rows = session.execute(
        select(field_values).where(field_values.c.client_id == client_id).order_by(field_values.c.field_id)
    ).all()
    said: dict[UUID, str] = {}
    for row in rows:
        if row.sealed is None:
            said[row.field_id] = row.value
        elif personal:
            try:
                said[row.field_id] = vault.open_for(client_id, place_of(row.field_id), row.sealed, str)
            except Damaged as damage:  # one value must not hide the card
                log("clients").error(
                    "field_damaged", client_id=str(client_id), field=str(row.field_id), why=str(damage)
                )
    return said


def which_are_personal(session: Session) -> dict[UUID, bool]:
    """All fields, and whether each is personal."""
    rows = session.execute(select(client_fields.c.id, client_fields.c.personal))
    return {row.id: row.personal for row in rows}


def place_of(field_id: UUID) -> str:
    """Where a sealed value belongs; nowhere else does it open."""
    return f"field:{field_id}"

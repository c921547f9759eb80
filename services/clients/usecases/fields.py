"""Create, change and remove fields of a salon's own, and keep what cards say in them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts.clients import (
    ChangeClientField,
    ClientField,
    CreateClientField,
    FieldValue,
    RemoveClientField,
    RemovedClientField,
)
from kernel.errors import Conflict
from services.clients import domain
from services.clients.domain.fields import Field, checked_options, checked_values
from services.clients.domain.sources import named
from services.clients.queries.fields import field_view, known_fields, place_of, show_field
from services.clients.tables import client_fields, field_values
from services.clients.usecases.changes import changes_of, check_version, refusing
from services.clients.usecases.desk import Desk

REFUSALS = {"uq_client_fields_name_key": Conflict("field_exists", "there is a field of this name")}


def create_field(session: Session, request: CreateClientField) -> ClientField:
    values = _kept(request, request.kind) | {"id": new_id(), "version": 1}
    values |= {"kind": request.kind, "personal": request.personal}
    with refusing(session, REFUSALS):
        return field_view(session.execute(insert(client_fields).values(values).returning(client_fields)).one())


def change_field(session: Session, request: ChangeClientField) -> ClientField:
    known = show_field(session, request.id, locked=True)
    check_version(request.version, known.version)
    values = _kept(request, known.kind)
    if not values:
        return known
    statement = update(client_fields).where(client_fields.c.id == known.id)
    with refusing(session, REFUSALS):
        row = session.execute(statement.values(version=known.version + 1, **values).returning(client_fields)).one()
    return field_view(row)


def remove_field(session: Session, request: RemoveClientField) -> RemovedClientField:
    check_version(request.version, show_field(session, request.id, locked=True).version)
    session.execute(delete(client_fields).where(client_fields.c.id == request.id))  # the database takes the values
    return RemovedClientField(request.id)


def keep_values(session: Session, client_id: UUID, values: Mapping[UUID, str | None], desk: Desk) -> None:
    """Write what the card says; the fields were just found, and the person's key is there."""
    fields = known_fields(session) if values else {}
    for field_id, value in values.items():
        here = (field_values.c.client_id == client_id) & (field_values.c.field_id == field_id)
        if value is None:
            session.execute(delete(field_values).where(here))
            continue
        kept = _columns(client_id, fields[field_id], value, desk)
        new = upsert(field_values).values(client_id=client_id, field_id=field_id, **kept)
        session.execute(new.on_conflict_do_update(constraint="pk_field_values", set_=kept))


def value_rows(
    client_id: UUID, values: Mapping[UUID, str], fields: Mapping[UUID, Field], desk: Desk
) -> list[dict[str, Any]]:
    """What a new card says, as rows: many cards are written at once."""
    return [
        {"client_id": client_id, "field_id": field_id, **_columns(client_id, fields[field_id], value, desk)}
        for field_id, value in values.items()
    ]


def values_said(session: Session, said: Sequence[FieldValue], *, complete: bool) -> dict[UUID, str | None]:
    return checked_values([(one.field_id, one.value) for one in said], known_fields(session), complete=complete)


def forget_values(session: Session, client_id: UUID) -> None:
    session.execute(delete(field_values).where(field_values.c.client_id == client_id))


def _columns(client_id: UUID, field: Field, value: str, desk: Desk) -> dict[str, Any]:
    if not field.personal:
        return {"value": value, "sealed": None}
    return {"value": None, "sealed": desk.vault.seal_for(client_id, place_of(field.id), value)}


def _kept(request: CreateClientField | ChangeClientField, kind: str) -> dict[str, Any]:
    values = changes_of(request, "name", "options", "required")
    if "name" in values:
        values["name"] = named(values["name"])
        values["name_key"] = domain.channel_key(values["name"])
    if "options" in values:
        values["options"] = list(checked_options(kind, values["options"]))
    return values

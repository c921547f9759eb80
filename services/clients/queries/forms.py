"""Forms on sites as those see them who keep them."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select, true
from sqlalchemy.orm import Session

from chassis.crypto import fingerprint
from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import ContactForm, ListContactForms
from contracts.message import Page
from kernel.caller import Caller
from kernel.errors import NotFound
from services.clients.queries.sight import among
from services.clients.tables import contact_forms

NOT_FOUND = NotFound("form_not_found", "there is no such form")


def form_row(session: Session, form_id: UUID, caller: Caller, *, locked: bool = False) -> Row[Any]:
    query = select(contact_forms).where(contact_forms.c.id == form_id, _seen_by(caller))
    row = session.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise NOT_FOUND
    return row


def open_form(session: Session, key: UUID) -> Row[Any]:
    """The form of a key that was not taken back."""
    of_it = (contact_forms.c.key_hash == fingerprint(str(key))) & contact_forms.c.revoked_at.is_(None)
    row = session.execute(select(contact_forms).where(of_it)).one_or_none()
    if row is None:
        raise NOT_FOUND
    return row


def list_forms(session: Session, request: ListContactForms, caller: Caller) -> Page[ContactForm]:
    query = select(contact_forms).where(_seen_by(caller))
    if request.cursor:
        query = query.where(contact_forms.c.id > decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(contact_forms.c.id).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    return Page(tuple(form_view(row) for row in shown), encode_cursor(shown[-1].id) if len(rows) > len(shown) else None)


def form_view(row: Row[Any]) -> ContactForm:
    return ContactForm(
        id=row.id,
        name=row.name,
        branch_id=row.branch_id,
        channel=row.channel,
        origins=tuple(row.origins),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        version=row.version,
    )


def _seen_by(caller: Caller) -> ColumnElement[bool]:
    return true() if caller.everywhere else among(contact_forms.c.branch_id, sorted(caller.branch_ids))

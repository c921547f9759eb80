"""What was written in forms, as far as the caller may see the cards that it is on."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import Enquiry, ListClientEnquiries, ListEnquiries
from contracts.message import Page
from kernel.caller import Caller
from kernel.errors import Conflict, Gone, NotFound
from services.clients.queries.reveals import enquiry_listed
from services.clients.queries.sight import found, of_person, visible
from services.clients.tables import clients, contact_forms, enquiries
from services.clients.vault import Vault

READ = "enquiries.read"


@dataclass(frozen=True)
class SaidInForm:
    """What is sealed of an enquiry."""

    first_name: str
    phone: str
    last_name: str | None = None
    email: str | None = None
    message: str | None = None


def enquiry_row(session: Session, enquiry_id: UUID, caller: Caller, permission: str = READ) -> Row[Any]:
    row = session.execute(enquiries_seen(caller, permission).where(enquiries.c.id == enquiry_id)).one_or_none()
    if row is None:
        raise NotFound("enquiry_not_found", "there is no such enquiry")
    return row


def enquiry_of(row: Row[Any], vault: Vault) -> Enquiry:
    enquiry = enquiry_view(row, vault)
    if enquiry is None:
        raise Conflict("enquiry_damaged", "this enquiry is damaged and cannot be read")
    return enquiry


def list_enquiries(session: Session, request: ListEnquiries, caller: Caller, vault: Vault) -> Page[Enquiry]:
    query = enquiries_seen(caller, READ)
    if request.state:
        done = enquiries.c.done_at.is_not(None)
        query = query.where(done if request.state == "done" else ~done)
    return _page(session, query, request, caller, vault)


def list_client_enquiries(
    session: Session, request: ListClientEnquiries, caller: Caller, vault: Vault
) -> Page[Enquiry]:
    found(session, request.client_id, caller, READ)
    return _page(
        session,
        enquiries_seen(caller, READ).where(of_person(enquiries.c.client_id, request.client_id)),
        request,
        caller,
        vault,
    )


def _page(
    session: Session, query: Select[Any], request: ListEnquiries | ListClientEnquiries, caller: Caller, vault: Vault
) -> Page[Enquiry]:
    if request.cursor:
        query = query.where(enquiries.c.id < decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(enquiries.c.id.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    vault.look_up_keys({row.client_id for row in shown})
    views = tuple(enquiry_listed(view, caller) for row in shown if (view := enquiry_view(row, vault)))
    return Page(views, encode_cursor(shown[-1].id) if len(rows) > len(shown) else None)


def enquiries_seen(caller: Caller, permission: str) -> Select[Any]:
    """Enquiries with their form and with the card that they are on by now: theirs may have been merged into it."""
    card = clients.alias("first_card")
    survivor = select(func.coalesce(card.c.merged_into, card.c.id)).where(card.c.id == enquiries.c.client_id)
    return (
        select(enquiries, contact_forms.c.name.label("form_name"), clients.c.id.label("card_id"))
        .join(contact_forms, contact_forms.c.id == enquiries.c.form_id)
        .join(clients, clients.c.id == survivor.scalar_subquery())
        .where(clients.c.erased_at.is_(None), visible(caller, permission))
    )


def enquiry_view(row: Row[Any], vault: Vault) -> Enquiry | None:
    """None, and a line in the log, for what does not open: it must not stop the list that it is in."""
    try:
        said: SaidInForm = vault.open_for(row.client_id, place_of(row.id), row.said, SaidInForm)
    except (Damaged, Gone) as damage:
        log("clients").error("enquiry_damaged", client_id=str(row.client_id), enquiry_id=str(row.id), why=str(damage))
        return None
    return Enquiry(
        id=row.id,
        client_id=row.card_id,
        form_id=row.form_id,
        form_name=row.form_name,
        received_at=row.received_at,
        state="done" if row.done_at else "open",
        known=row.known,
        first_name=said.first_name,
        last_name=said.last_name,
        message=said.message,
        done_by=row.done_by,
        done_at=row.done_at,
        version=row.version,
        phone=said.phone,
        email=said.email,
    )


def place_of(enquiry_id: UUID) -> str:
    return f"enquiry:{enquiry_id}"

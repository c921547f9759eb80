"""What of a card's contacts is shown, and what a user was shown of it in their shift."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, bindparam, func, select
from sqlalchemy.orm import Session

from chassis.database import Instant
from chassis.wire import MASK
from contracts.clients import Client, Enquiry
from contracts.message import CONTACTS
from kernel.caller import EVERYTHING, Caller
from services.clients.domain.reveals import SHIFT, WATCHED, hidden_email
from services.clients.phones import hidden_phone
from services.clients.tables import openings, reveal_shifts

# Asked whenever a card is opened, so made once.
SEEN: Select[Any] = (
    select(openings.c.contacts, openings.c.health, openings.c.opened_at, openings.c.shift_at)
    .join(
        reveal_shifts,
        (reveal_shifts.c.user_id == openings.c.user_id) & (reveal_shifts.c.started_at == openings.c.shift_at),
    )
    .where(
        openings.c.user_id == bindparam("user_id", type_=Uuid),
        openings.c.client_id == bindparam("client_id", type_=Uuid),
        openings.c.shift_at > bindparam("since", type_=Instant),
    )
)
OPENED_OF_LATE = select(func.count()).where(
    openings.c.user_id == bindparam("user_id", type_=Uuid), openings.c.opened_at > bindparam("since", type_=Instant)
)
SHIFT_OF: Select[Any] = select(reveal_shifts).where(
    reveal_shifts.c.user_id == bindparam("user_id", type_=Uuid),
    reveal_shifts.c.started_at > bindparam("since", type_=Instant),
)


def seen_in_shift(session: Session, user_id: UUID, client_id: UUID, now: datetime) -> Row[Any] | None:
    """What the user was shown of the card in this shift; None if they have not opened it."""
    return session.execute(SEEN, {"user_id": user_id, "client_id": client_id, "since": now - SHIFT}).one_or_none()


def opened_of_late(session: Session, user_id: UUID, now: datetime) -> int:
    return session.execute(OPENED_OF_LATE, {"user_id": user_id, "since": now - WATCHED}).scalar_one()


def shift_of(session: Session, user_id: UUID, now: datetime) -> Row[Any] | None:
    """The shift that the user is in."""
    return session.execute(SHIFT_OF, {"user_id": user_id, "since": now - SHIFT}).one_or_none()


# --- masks -----------------------------------------------------------------------------------------------------------


def is_counted(caller: Caller, client_id: UUID) -> bool:
    """Whether the caller may see contacts, but not of everybody at once; one's own card is no secret."""
    return caller.reveals_per_shift is not None and caller.sees(CONTACTS) and caller.client_id != client_id


def concealed(client: Client, but: Collection[str] = ()) -> Client:
    """The card with its contacts shortened, save those `but`: the ones that the caller has just said."""
    phones = client.phones if "phones" in but else tuple(map(hidden_phone, client.phones))
    email = client.email if client.email is None or "email" in but else hidden_email(client.email)
    changed = phones != client.phones or email != client.email
    return replace(client, phones=phones, email=email, contacts_masked=changed)


def listed(client: Client, caller: Caller) -> Client:
    """The card as a list shows it: to read of health, or all contacts, one opens it, which is on the record."""
    if client.contraindications:
        client = replace(client, contraindications=(MASK,) * len(client.contraindications))
    return concealed(client) if is_counted(caller, client.id) else client


def enquiry_listed(enquiry: Enquiry, caller: Caller) -> Enquiry:
    """What somebody wrote, as a list shows it: to call them back one reveals their card."""
    if not is_counted(caller, enquiry.client_id):
        return enquiry
    email = enquiry.email and hidden_email(enquiry.email)
    return replace(enquiry, phone=hidden_phone(enquiry.phone), email=email, contacts_masked=True)


def enquiry_shown(session: Session, enquiry: Enquiry, caller: Caller, now: datetime) -> Enquiry:
    """Whole, once the card that it is on was revealed to the caller in this shift."""
    seen = seen_in_shift(session, caller.id, enquiry.client_id, now) if caller.id else None
    return enquiry if seen and seen.contacts else enquiry_listed(enquiry, caller)


def without_contacts(caller: Caller) -> Caller:
    """The caller, as they are while their budget is spent."""
    return replace(caller, marks=caller.marks - {CONTACTS, EVERYTHING})

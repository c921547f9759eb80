"""Whose card it is when somebody without an account says who they are."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import LargeBinary, bindparam, select
from sqlalchemy.orm import Session

from contracts.clients import CheckContact, CheckedContact, NewClient, Source, TakeContact, TakenContact
from kernel.errors import Conflict, Invalid
from services.clients.domain import words_of
from services.clients.phones import read_phone
from services.clients.tables import PHONE, card_rows, clients, search_index
from services.clients.usecases.desk import Desk, Entered
from services.clients.usecases.entering import enter
from services.clients.usecases.keeping import keep_new

# Who has the phone, made once: whoever books online is looked up. Ids grow with time: who came first stands first.
HOLDERS = (
    select(search_index.c.client_id)
    .where(search_index.c.kind == PHONE, search_index.c.value == bindparam("phone", type_=LargeBinary))
    .order_by(search_index.c.client_id)
)
CARDS = card_rows.where(clients.c.id.in_(bindparam("holders", expanding=True)), clients.c.erased_at.is_(None)).order_by(
    clients.c.registered_at, clients.c.id
)


def check_contact(session: Session, request: CheckContact, desk: Desk) -> CheckedContact:
    """Whose card it is, once what is said is right in itself."""
    entered = _entered(TakeContact(request.first_name, request.phone, request.last_name, request.email), desk)
    phone = desk.vault.blind_phone(entered.card.person.phones[0])
    return CheckedContact(_among(session, phone, request.first_name, desk))


def take_contact(session: Session, request: TakeContact, desk: Desk) -> TakenContact:
    """The card with this phone, as it is, or a new one.

    What is said is checked before anybody looks for the phone: else a wrong e-mail would tell whether it is known.
    """
    entered = _entered(request, desk)
    phone = desk.vault.blind_phone(entered.card.person.phones[0])
    if known := _among(session, phone, request.first_name, desk):
        return TakenContact(known, created=False)
    try:
        with session.begin_nested():
            keep_new(session, [entered], desk)
    except Conflict:  # somebody with this phone was registered just now
        known = _among(session, phone, request.first_name, desk)
        if known is None:
            raise
        return TakenContact(known, created=False)
    return TakenContact(entered.card.id, created=True)


def check_said(request: TakeContact, desk: Desk) -> None:
    """Refuse what is wrong in itself."""
    _entered(request, desk)


def _entered(request: TakeContact, desk: Desk) -> Entered:
    phone = read_phone(request.phone, desk.phone_region)
    if phone is None:
        raise Invalid.field("phone", "phone_invalid", "there can be no such phone number")
    channel = (request.channel or "").strip()
    said = NewClient(
        request.first_name,
        last_name=request.last_name,
        phones=(phone,),
        email=request.email,
        source=Source(channel) if channel else None,
        home_branch_id=request.branch_id,
    )
    return enter(said, replace(desk, caller=replace(desk.caller, everywhere=True)))  # booking knows its branches


def _among(session: Session, phone: bytes, first_name: str, desk: Desk) -> UUID | None:
    """Who of those with this phone is meant: the one who is called so, else who was registered first."""
    holders = session.scalars(HOLDERS, {"phone": phone}).all()
    if len(holders) > 1:
        rows = session.execute(CARDS, {"holders": holders}).all()
        names = words_of([first_name])
        for card in desk.vault.open(rows).values():
            if words_of([card.person.first_name]) == names:
                return card.id
    return holders[0] if holders else None

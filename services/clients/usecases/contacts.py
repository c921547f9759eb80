"""Whose card it is when somebody without an account says who they are."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, LargeBinary, Text, Uuid, bindparam, func, select
from sqlalchemy.orm import Session

from contracts.clients import (
    CardOfPhone,
    CardsOfPhone,
    CheckContact,
    CheckedContact,
    ListCardsOfPhone,
    NewClient,
    Source,
    TakeContact,
    TakenContact,
)
from kernel.errors import Conflict, Invalid
from services.clients import queries
from services.clients.domain import channel_key, words_of
from services.clients.phones import read_phone
from services.clients.tables import PHONE, card_rows, clients, compared_by, search_index, sources
from services.clients.usecases.consents import give_online, news_online, online_texts
from services.clients.usecases.desk import Desk, Entered
from services.clients.usecases.entering import enter
from services.clients.usecases.keeping import keep_new
from services.clients.usecases.sources import counted_as, sources_of

# Who has the phone, made once: whoever books online is looked up. Ids grow with time: who came first stands first.
HOLDERS = (
    select(search_index.c.client_id)
    .where(search_index.c.kind == PHONE, search_index.c.value == bindparam("phone", type_=LargeBinary))
    .order_by(search_index.c.client_id)
)
CARDS = card_rows.where(clients.c.id.in_(bindparam("holders", expanding=True)), clients.c.erased_at.is_(None)).order_by(
    clients.c.registered_at, clients.c.id
)
# All that is mostly asked about whoever books online: the holders, whether there are texts to agree to, the source.
LOOKED_UP = select(
    func.array(HOLDERS.scalar_subquery(), type_=ARRAY(Uuid)).label("holders"),
    queries.in_force_online(bindparam("now", type_=DateTime(timezone=True))).exists().label("has_texts"),
    select(sources.c.name).where(compared_by == bindparam("key", type_=Text)).scalar_subquery().label("source"),
)


def check_contact(session: Session, request: CheckContact, desk: Desk) -> CheckedContact:
    """Whose card it is, once what is said is right in itself, and whether all of it is kept already."""
    entered = _entered(TakeContact(request.first_name, request.phone, request.last_name, request.email), desk)
    phone, channel = desk.vault.blind_phone(entered.card.person.phones[0]), _channel(request.channel)
    looked = {"phone": phone, "now": desk.now, "key": channel_key(channel)}
    holders, has_texts, source = session.execute(LOOKED_UP, looked).one()
    texts = online_texts(session, request.consents, desk.now) if has_texts or request.consents else ()
    known = _among(session, holders, request.first_name, desk)
    channel, is_source = (source, True) if source else counted_as(session, channel)
    news = known and news_online(session, known, texts, proved=request.proved)
    return CheckedContact(known, not news and is_source, channel)


def take_contact(session: Session, request: TakeContact, desk: Desk) -> TakenContact:
    """The card with this phone, as it is, or a new one; with what they agree to.

    What is said is checked before anybody looks for the phone: else a wrong e-mail would tell whether it is known.
    """
    request = replace(request, channel=counted_as(session, _channel(request.channel))[0])
    entered = _entered(request, desk)
    texts = online_texts(session, request.consents, desk.now)
    client_id, created = _taken(session, request, entered, desk)
    if not created:
        sources_of(session, [entered.card], desk.now)
    give_online(session, client_id, texts, desk.now, proved=created or request.proved)
    return TakenContact(client_id, created, request.channel)


def _taken(session: Session, request: TakeContact, entered: Entered, desk: Desk) -> tuple[UUID, bool]:
    """Whose card it is, and whether it was made now."""
    phone = desk.vault.blind_phone(entered.card.person.phones[0])
    if known := _among(session, _holders(session, phone), request.first_name, desk):
        return known, False
    entered = replace(entered, card=replace(entered.card, referrer_id=_inviting(session, request.invited_by)))
    try:
        with session.begin_nested():
            keep_new(session, [entered], desk)
    except Conflict:  # somebody with this phone was registered just now
        known = _among(session, _holders(session, phone), request.first_name, desk)
        if known is None:
            raise
        return known, False
    return entered.card.id, True


def cards_of_phone(session: Session, request: ListCardsOfPhone, desk: Desk) -> CardsOfPhone:
    """The cards of those who share the phone; one that cannot be opened is nobody's to sign in to."""
    phone = read_phone(request.phone, desk.phone_region)
    if phone is None:
        return CardsOfPhone(())
    holders = _holders(session, desk.vault.blind_phone(phone))
    opened = desk.vault.open(session.execute(CARDS, {"holders": holders}).all())
    return CardsOfPhone(tuple(CardOfPhone(card.id, card.person.first_name) for card in opened.values()))


def _inviting(session: Session, client_id: UUID | None) -> UUID | None:
    """Who is meant by an invitation; nobody where it is of no card, for whoever follows a link is welcome all the same.

    Of cards that became one it is that one. A card that is only made now brings nobody, so this closes no loop.
    """
    if client_id is None:
        return None
    survivor = session.scalar(
        select(func.coalesce(clients.c.merged_into, clients.c.id)).where(clients.c.id == client_id)
    )
    return survivor if survivor in queries.living(session, [survivor] if survivor else [], held=True) else None


def check_said(request: TakeContact, desk: Desk) -> None:
    """Refuse what is wrong in itself."""
    _entered(request, desk)


def _channel(said: str | None) -> str | None:
    return (said or "").strip() or None


def _entered(request: TakeContact, desk: Desk) -> Entered:
    phone = read_phone(request.phone, desk.phone_region)
    if phone is None:
        raise Invalid.field("phone", "phone_invalid", "there can be no such phone number")
    channel = _channel(request.channel)
    said = NewClient(
        request.first_name,
        last_name=request.last_name,
        phones=(phone,),
        email=request.email,
        source=Source(channel) if channel else None,
        home_branch_id=request.branch_id,
    )
    return enter(said, replace(desk, caller=replace(desk.caller, everywhere=True)))  # booking knows its branches


def _holders(session: Session, phone: bytes) -> Sequence[UUID]:
    return session.scalars(HOLDERS, {"phone": phone}).all()


def _among(session: Session, holders: Sequence[UUID], first_name: str, desk: Desk) -> UUID | None:
    """Who of those with one phone is meant: the one who is called so, else who was registered first."""
    if len(holders) > 1:
        rows = session.execute(CARDS, {"holders": holders}).all()
        names = words_of([first_name])
        for card in desk.vault.open(rows).values():
            if words_of([card.person.first_name]) == names:
                return card.id
    return holders[0] if holders else None

"""What can be seen of client cards, and by whom."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import Column, ColumnElement, Row, Select, any_, exists, func, literal, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import (
    Client,
    ClientName,
    ClientStanding,
    ConvenientTime,
    ListClients,
    Preferences,
    SearchClients,
    Source,
)
from contracts.message import CONTACTS, Page
from kernel.caller import Caller, Reach
from kernel.errors import Conflict, Gone, NotFound
from services.clients import domain, tables
from services.clients.tables import client_branches, clients, search_index, sources
from services.clients.vault import Vault

CURSOR = (Annotated[datetime, Meta(tz=True)], UUID)
SCANNED_AT_ONCE = 200  # cards opened in one go while a search looks for those that really fit


def among(column: Column[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """`column IN values`, with the values in one array: one statement to prepare, however many they are."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def visible(caller: Caller, permission: str) -> ColumnElement[bool]:
    """The cards that `permission` reaches for `caller`: all, their branches' and nobody's, or their own."""
    reach = caller.must(permission)
    if reach is Reach.CHAIN:
        return true()
    if reach is Reach.OWN:
        return clients.c.id == caller.client_id  # of nobody, if the caller is no client: nothing equals NULL
    branches = sorted(caller.branch_ids)
    appointments = select(client_branches.c.client_id).where(client_branches.c.client_id == clients.c.id)
    return or_(
        among(clients.c.home_branch_id, branches),
        exists(appointments.where(among(client_branches.c.branch_id, branches))),
        clients.c.home_branch_id.is_(None) & ~exists(appointments),
    )


def found(session: Session, client_id: UUID, caller: Caller, permission: str, *, locked: bool = False) -> Row[Any]:
    """The row of a card that lives and that the caller may see."""
    statement = select(clients).where(clients.c.id == client_id, visible(caller, permission))
    row = session.execute(statement.with_for_update(key_share=True) if locked else statement).one_or_none()
    if row is None:
        raise NotFound("client_not_found", "there is no such client")
    if row.erased_at is not None:
        raise Gone("client_erased", "this client was erased")
    return row


def opened(row: Row[Any], vault: Vault) -> domain.Card:
    """The card in `row`. Without a key it is on its way to being erased, whatever the row still holds."""
    card = vault.open([row]).get(row.id)
    if card is not None:
        return card
    if vault.key_of(row.id) is None:
        raise Gone("client_erased", "this client was erased")
    raise Conflict("card_damaged", "this card is damaged and cannot be read")


def show(session: Session, client_id: UUID, caller: Caller, vault: Vault) -> Client:
    return view(opened(found(session, client_id, caller, "clients.read"), vault))


def page(
    session: Session, request: ListClients | SearchClients, caller: Caller, vault: Vault, phone: str | None
) -> Page[Client]:
    """One page of cards in order of registration; those that fit `q`, if it is given. `phone` is `q` as a number."""
    limit, at_once = request.limit, SCANNED_AT_ONCE
    cards = select(clients).where(clients.c.erased_at.is_(None), visible(caller, "clients.read"))
    wanted = None
    if request.q is None:
        at_once = limit + 1
    else:
        wanted = domain.wanted(request.q, phone)
        if not caller.sees(CONTACTS):  # else whoever may not read a phone could try which one it is
            wanted = domain.Wanted(words=wanted.words)
        cards = cards.where(_candidates(vault.wanted_entries(wanted)))
    after = decode_cursor(request.cursor, *CURSOR) if request.cursor else None
    shown: list[domain.Card] = []
    while len(shown) <= limit:
        rows = _rows_after(session, cards, after, at_once)
        readable = vault.open(rows)
        shown += [card for card in readable.values() if wanted is None or wanted.fits(card.person)]
        if len(rows) < at_once:
            break
        after = (rows[-1].registered_at, rows[-1].id)
    more = len(shown) > limit
    shown = shown[:limit]
    return Page(
        items=tuple(view(card) for card in shown),
        next=encode_cursor(shown[-1].registered_at, shown[-1].id) if more else None,
    )


def _rows_after(session: Session, cards: Select[Any], after: tuple[Any, ...] | None, limit: int) -> Sequence[Row[Any]]:
    key = tuple_(clients.c.registered_at, clients.c.id)
    if after is not None:
        cards = cards.where(key > tuple_(literal(after[0], clients.c.registered_at.type), literal(after[1])))
    return session.execute(cards.order_by(clients.c.registered_at, clients.c.id).limit(limit)).all()


def _candidates(alternatives: Iterable[tuple[str, list[bytes]]]) -> ColumnElement[bool]:
    return or_(
        literal(value=False),
        *(
            clients.c.id.in_(
                select(search_index.c.client_id)
                .where(search_index.c.kind == kind, among(search_index.c.value, values))
                .group_by(search_index.c.client_id)
                .having(func.count() == len(values))
            )
            for kind, values in alternatives
        ),
    )


def names(session: Session, ids: Sequence[UUID], caller: Caller, vault: Vault) -> tuple[ClientName, ...]:
    """How to call those of `ids` whom the caller may see."""
    rows = session.execute(
        select(clients).where(among(clients.c.id, ids), clients.c.erased_at.is_(None), visible(caller, "clients.read"))
    ).all()
    return tuple(ClientName(card.id, card.person.called) for card in vault.open(rows).values())


def standing(session: Session, client_id: UUID) -> ClientStanding:
    """One row by its key and nothing sealed: booking waits for it."""
    row = session.execute(
        select(
            clients.c.erased_at,
            clients.c.home_branch_id,
            clients.c.favourite_master_id,
            clients.c.favourite_service_ids,
            clients.c.convenient_times,
        ).where(clients.c.id == client_id)
    ).one_or_none()
    if row is None:
        return ClientStanding(client_id, "unknown")
    if row.erased_at:
        return ClientStanding(client_id, "erased", row.home_branch_id)
    return ClientStanding(
        client_id,
        "active",
        row.home_branch_id,
        row.favourite_master_id,
        tuple(row.favourite_service_ids),
        tuple(ConvenientTime(said["weekday"], said["starts"], said["ends"]) for said in row.convenient_times),
    )


# --- what use cases ask ---------------------------------------------------------------------------------------------


def living(session: Session, ids: Iterable[UUID]) -> set[UUID]:
    """Those of `ids` that are cards and not erased."""
    wanted = list(ids)
    if not wanted:
        return set()
    living_ones = select(clients.c.id).where(among(clients.c.id, wanted), clients.c.erased_at.is_(None))
    return set(session.scalars(living_ones))


def above(session: Session, client_id: UUID) -> list[UUID]:
    """Who brought the client, who brought those, and so on to the top."""
    chain = select(clients.c.referrer_id.label("id")).where(clients.c.id == client_id).cte(recursive=True)
    # UNION, not UNION ALL: should a loop ever exist, this ends all the same.
    chain = chain.union(select(clients.c.referrer_id).where(clients.c.id == chain.c.id))
    return list(session.scalars(select(chain.c.id).where(chain.c.id.is_not(None))))


def by_reference(session: Session, indexes: Iterable[bytes]) -> Mapping[bytes, UUID]:
    """The cards that came with references of these blind indexes."""
    rows = session.execute(
        select(clients.c.reference_index, clients.c.id).where(among(clients.c.reference_index, indexes))
    )
    return {row.reference_index: row.id for row in rows}


def who_has(session: Session, phones: Iterable[bytes]) -> Mapping[bytes, UUID]:
    """Somebody with each of these phones (blind values), where there is one."""
    rows = session.execute(
        select(search_index.c.value, search_index.c.client_id)
        .where(search_index.c.kind == tables.PHONE, among(search_index.c.value, phones))
        .order_by(search_index.c.client_id)
    )
    holders: dict[bytes, UUID] = {}
    for row in rows:
        holders.setdefault(row.value, row.client_id)
    return holders


def may_see(session: Session, client_id: UUID, caller: Caller) -> bool:
    if not caller.may("clients.read"):
        return False
    return bool(session.scalar(select(exists().where(clients.c.id == client_id, visible(caller, "clients.read")))))


def spellings(session: Session, keys: Iterable[str]) -> Mapping[str, str]:
    """The first spelling of each channel."""
    rows = session.execute(select(sources).where(among(sources.c.key, keys)))
    return {row.key: row.name for row in rows}


# --- views ----------------------------------------------------------------------------------------------------------


def view(card: domain.Card) -> Client:
    person = card.person
    return Client(
        id=card.id,
        first_name=person.first_name,
        last_name=person.last_name,
        patronymic=person.patronymic,
        preferred_name=person.preferred_name,
        sex=person.sex,  # type: ignore[arg-type]  # it came in as one of the two words
        source=None if card.channel is None else Source(card.channel, person.source_detail),
        referrer_id=card.referrer_id,
        home_branch_id=card.home_branch_id,
        preferences=Preferences(
            favourite_master_id=card.favourite_master_id,
            favourite_service_ids=card.favourite_service_ids,
            convenient_times=tuple(ConvenientTime(t.weekday, t.starts, t.ends) for t in card.convenient_times),
            wishes=person.wishes,
        ),
        comment=person.comment,
        registered_at=card.registered_at,
        version=card.version,
        phones=person.phones,
        email=person.email,
        birth_date=person.birth_date,
        contraindications=card.contraindications,
        reference=person.reference,
    )

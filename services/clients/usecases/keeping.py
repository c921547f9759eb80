"""How cards, their channels and their search entries are written, and what is announced of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import refusal_of
from chassis.outbox import announce
from chassis.rows import Rows, insert_rows
from contracts.clients import ClientRegistered
from kernel.errors import Conflict
from services.clients import domain
from services.clients.tables import PHONE, birthdays, clients, findable, search_index
from services.clients.usecases.desk import Desk, Entered
from services.clients.usecases.finding import findable_row, keep_findable
from services.clients.usecases.history import keep_version
from services.clients.usecases.occasions import birthday_rows, keep_birthday
from services.clients.usecases.refusing import refuse_taken_phones
from services.clients.usecases.sources import sources_of
from services.clients.usecases.telling import decide, hold_contacts, mark_brought, tell
from services.clients.vault import Vault

Sources = Mapping[str, Row[Any]]  # by what their names are compared by

NOBODYS: Mapping[bytes, bool] = {}
TAKEN = Conflict("client_exists", "somebody was registered with this phone just now")


def keep_new(session: Session, entered: Sequence[Entered], desk: Desk) -> None:
    if not entered:
        return
    cards = [one.card for one in entered]
    fresh = {card.id: set(card.person.phones) for card in cards}
    refuse_taken_phones(session, entered, fresh, desk)
    sources = sources_of(session, cards, desk.now)
    keys = desk.vault.make_keys(cards)
    hold_contacts(session, (card.referrer_id for card in cards))
    insert_rows(
        session,
        Rows(clients, [_row(card, sources, keys[card.id], desk.vault) for card in cards]),
        Rows(findable, [findable_row(card, desk.vault) for card in cards]),
        Rows(birthdays, birthday_rows(cards, desk.vault)),
    )
    _keep_entries(session, entered, fresh, {}, desk)
    sharing = decide(session, [card.id for card in cards if card.referrer_id is not None])
    for card in cards:
        announce(session, ClientRegistered(**_state(card, sources, desk.now), shared_contact=card.id in sharing))


def keep_changed(
    session: Session,
    before: domain.Card,
    entered: Entered,
    desk: Desk,
    taken_over: Mapping[bytes, bool] = NOBODYS,
) -> None:
    """Write the card over what it was. Phones in `taken_over` were those of a card that gave way, shared or not."""
    after = entered.card
    gained = set(after.person.phones) - set(before.person.phones)
    fresh = {after.id: {phone for phone in gained if desk.vault.blind_phone(phone) not in taken_over}}
    refuse_taken_phones(session, [entered], fresh, desk)
    sources = sources_of(session, [after], desk.now)
    keep_version(session, before, desk)
    key = desk.vault.key_of(after.id)
    assert key is not None  # the card was just opened with it
    values = _row(after, sources, key, desk.vault)
    if not desk.vault.reads_health:
        del values["health"]  # what could not be read stays as it is
    session.execute(update(clients).where(clients.c.id == after.id).values(values))
    keep_findable(session, before, after, desk.vault)
    if before.person.birth_date != after.person.birth_date:
        keep_birthday(session, after, desk)
    verdict_is_another = _keep_contacts(session, before, entered, fresh, taken_over, desk)
    if verdict_is_another or before.known_to_others != after.known_to_others:
        tell(session, [after.id], desk.now, written=True)


def _keep_contacts(
    session: Session,
    before: domain.Card,
    entered: Entered,
    fresh: Mapping[UUID, set[str]],
    taken_over: Mapping[bytes, bool],
    desk: Desk,
) -> bool:
    """Write the entries if they are others, and compare them; whether the card shares one with its referrer is news."""
    after = entered.card
    others = desk.vault.entries(before.person) != desk.vault.entries(after.person)
    if not others and before.referrer_id == after.referrer_id:
        return False
    hold_contacts(session, (after.id if others else None, after.referrer_id))
    if others:
        removed = session.execute(
            delete(search_index)
            .where(search_index.c.client_id == after.id)
            .returning(search_index.c.kind, search_index.c.value, search_index.c.shared)
        )
        shared = {row.value: row.shared for row in removed if row.kind == PHONE}
        _keep_entries(session, [entered], fresh, {**taken_over, **shared}, desk)
        mark_brought(session, after.id)
    named = before.referrer_id or after.referrer_id
    return bool(named and decide(session, [after.id]))


def _row(card: domain.Card, sources: Sources, key: bytes, vault: Vault) -> dict[str, Any]:
    sealed = vault.seal(card, key)
    source = _source(card, sources)
    reference = card.person.reference
    return {
        "id": card.id,
        "version": card.version,
        "registered_at": card.registered_at,
        "channel": card.channel,
        "channel_key": source.key if source else None,
        "referrer_id": card.referrer_id,
        "home_branch_id": card.home_branch_id,
        "favourite_master_id": card.favourite_master_id,
        "favourite_service_ids": list(card.favourite_service_ids),
        "convenient_times": [{"weekday": t.weekday, "starts": t.starts, "ends": t.ends} for t in card.convenient_times],
        "importance": card.importance,
        "category_ids": list(card.category_ids),
        "sorted_category_ids": list(card.sorted_category_ids),
        "sorted_importance": card.sorted_importance,
        "sex": card.person.sex,
        "birth_band": domain.birth_band(card.person.birth_date),
        "reference_index": vault.blind_reference(reference) if reference else None,
        "person": sealed.person,
        "health": sealed.health,
    }


def _keep_entries(
    session: Session,
    entered: Sequence[Entered],
    fresh: Mapping[UUID, set[str]],
    shared_before: Mapping[bytes, bool],
    desk: Desk,
) -> None:
    """Keep the phones and e-mails, in one statement; the last guard against one phone on two cards is met here."""
    entries = [
        {
            "kind": kind,
            "value": value,
            "client_id": one.card.id,
            "shared": kind == PHONE and shared_before.get(value, one.shared),
        }
        for one in entered
        for kind, value in desk.vault.entries(one.card.person)
    ]
    entries.sort(key=itemgetter("value"))  # in one order, or two of us deadlock
    try:
        with session.begin_nested():
            insert_rows(session, Rows(search_index, entries))
    except IntegrityError as error:
        refusal = refusal_of(error, {"uq_search_index_phone": TAKEN})
        if refusal is TAKEN:
            refuse_taken_phones(session, entered, fresh, desk)  # now that the other one is there, it says more
        raise refusal from error


def _source(card: domain.Card, sources: Sources) -> Row[Any] | None:
    key = domain.channel_key(card.channel)
    return None if key is None else sources[key]


def _state(card: domain.Card, sources: Sources, now: datetime) -> dict[str, Any]:
    source = _source(card, sources)
    return {
        "client_id": card.id,
        "version": card.version,
        "channel": source.name if source else None,
        "source_id": source.id if source else None,
        "referrer_id": card.referrer_id,
        "home_branch_id": card.home_branch_id,
        "registered_at": card.registered_at,
        "category_ids": card.category_ids,
        "importance": card.importance,
        "sex": card.person.sex,
        "birth_band": domain.birth_band(card.person.birth_date),
        "occurred_at": now,
    }

"""Open cards and reveal contacts: each once in a shift, within the budget of the caller's roles, on the record."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.observability import mass_reads
from chassis.outbox import announce
from contracts.clients import Client, OpenClient, PersonalDataHandled, RevealClient, RevealedContacts
from contracts.message import CONTACTS, HEALTH
from kernel.caller import Caller
from kernel.errors import Forbidden, Throttled
from services.clients import domain, queries
from services.clients.domain.reveals import KEPT, SHIFT, WATCHED
from services.clients.queries.reveals import (
    concealed,
    is_counted,
    opened_of_late,
    seen_in_shift,
    shift_of,
    without_contacts,
)
from services.clients.tables import openings, reveal_shifts
from services.clients.usecases.desk import Desk

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Shown:
    """What of a card somebody is shown, or has been."""

    contacts: bool
    health: bool


def open_card(session: Session, request: OpenClient, desk: Desk) -> Client:
    """The card; when no more contacts may be revealed, with those shortened."""
    card = queries.opened(queries.found(session, request.id, desk.caller, "clients.read"), desk.vault)
    return as_opened(session, card, desk, revealed=look(session, card, desk))


def as_opened(session: Session, card: domain.Card, desk: Desk, *, revealed: bool, but: frozenset[str] = NONE) -> Client:
    """The card, with contacts shortened that are counted and not `revealed`; but not those that were just said."""
    if revealed or not is_counted(desk.caller, card.id) or not _has_contacts(card):
        return queries.whole(session, card, desk.caller, desk.vault)
    return concealed(queries.whole(session, card, without_contacts(desk.caller), desk.vault), but)


def reveal(session: Session, request: RevealClient, desk: Desk) -> RevealedContacts:
    caller = desk.caller
    if not caller.sees(CONTACTS):
        raise Forbidden("mark_missing", "contacts of clients are not yours to see")
    card = queries.opened(queries.found(session, request.id, caller, "clients.reveal"), desk.vault)
    if not look(session, card, desk, health=False) and _has_contacts(card):
        raise Throttled(
            "reveal_budget_spent",
            "you have had as many contacts shown as your role allows in a shift",
            retry_after=_seconds_left(session, caller, desk.now),
        )
    return RevealedContacts(
        id=card.id,
        phones=card.person.phones,
        phone_labels=card.person.phone_labels,
        email=card.person.email,
        left=_left(session, caller, desk.now),
    )


def as_reader(caller: Caller, *, revealed: bool) -> Caller:
    """The caller as lists of what became of one card see them: for whom it is revealed, nothing is counted."""
    return replace(caller, reveals_per_shift=None) if revealed else caller


def look(session: Session, card: domain.Card, desk: Desk, *, spending: bool = True, health: bool | None = None) -> bool:
    """Whether the contacts of the card are revealed to the caller; that, and what they read of health, is told once in
    a shift. `health` says whether they read of it here, None that they do if the card says something.

    Without `spending` only what needs no budget is revealed now.
    """
    caller = desk.caller
    if caller.id is None or caller.client_id == card.id:
        return True
    wanted = Shown(
        caller.sees(CONTACTS) and _has_contacts(card) and (spending or caller.reveals_per_shift is None),
        caller.sees(HEALTH) and (bool(card.contraindications) if health is None else health),
    )
    seen = seen_in_shift(session, caller.id, card.id, desk.now)
    if seen is None or seen.opened_at is None or _more(wanted, seen):
        return _open(session, caller.id, card.id, wanted, desk)
    return bool(seen.contacts)


def count_opening(session: Session, client_id: UUID, desk: Desk) -> None:
    """Watch over what shows a whole card without opening it and tells the journal of that by itself: it spends nothing,
    but whoever takes many cards so is warned of like whoever opens them.
    """
    caller = desk.caller
    if caller.id is None or caller.client_id == client_id:
        return
    seen = seen_in_shift(session, caller.id, client_id, desk.now)
    if seen is None or seen.opened_at is None:
        _open(session, caller.id, client_id, Shown(contacts=False, health=False), desk)


def _has_contacts(card: domain.Card) -> bool:
    return bool(card.person.phones or card.person.email)


def _more(wanted: Shown, seen: Row[Any]) -> bool:
    return (wanted.contacts and not seen.contacts) or (wanted.health and not seen.health)


def _open(session: Session, user_id: UUID, client_id: UUID, wanted: Shown, desk: Desk) -> bool:
    """Keep and tell what is shown for the first time; whether contacts are."""
    shift = _begun(session, user_id, desk.now)  # from here on whatever else the user opens waits
    seen = seen_in_shift(session, user_id, client_id, desk.now)
    before = Shown(seen.contacts, seen.health) if seen else Shown(contacts=False, health=False)
    contacts = before.contacts or (wanted.contacts and _spend(session, desk.caller))
    now = Shown(contacts, before.health or wanted.health)
    first = seen is None or seen.opened_at is None
    _keep(session, user_id, client_id, shift.started_at, desk.now if first or seen is None else seen.opened_at, now)
    for action in _told(before, now):
        announce(session, PersonalDataHandled(action, "client", desk.now, subject_id=client_id, actor_id=user_id))
    if first:
        _warn(session, shift, desk)
    return contacts


def _told(before: Shown, now: Shown) -> Iterator[str]:
    if now.contacts and not before.contacts:
        yield "client.revealed"
    if now.health and not before.health:
        yield "client.health_read"


def keep_own(session: Session, client_id: UUID, desk: Desk) -> None:
    """Whoever has just typed the contacts of a new card may open it without spending on it."""
    caller = desk.caller
    if caller.id is not None and caller.reveals_per_shift is not None:
        shift = _begun(session, caller.id, desk.now)
        _keep(session, caller.id, client_id, shift.started_at, None, Shown(contacts=True, health=True))


def forget_old_openings(session: Session, now: datetime) -> None:
    session.execute(delete(openings).where(openings.c.shift_at < now - KEPT))


# --- the shift -------------------------------------------------------------------------------------------------------


def _begun(session: Session, user_id: UUID, now: datetime) -> Row[Any]:
    """The shift of the user, begun anew if the last one is over, and theirs alone until the transaction ends."""
    fresh = insert(reveal_shifts).values(user_id=user_id, started_at=now, revealed=0, budget=0)
    over = reveal_shifts.c.started_at <= now - SHIFT
    anew = {
        name: case((over, fresh.excluded[name]), else_=reveal_shifts.c[name])
        for name in ("started_at", "revealed", "budget")
    }
    return session.execute(
        fresh.on_conflict_do_update(index_elements=["user_id"], set_=anew).returning(*reveal_shifts.c)
    ).one()


def _spend(session: Session, caller: Caller) -> bool:
    """Count one more; false if there is none left. The database refuses to count beyond the budget, too."""
    budget = caller.reveals_per_shift
    if budget is None:
        return True
    counted = session.execute(
        update(reveal_shifts)
        .where(reveal_shifts.c.user_id == caller.id, reveal_shifts.c.revealed < budget)
        .values(revealed=reveal_shifts.c.revealed + 1, budget=budget)
        .returning(reveal_shifts.c.revealed)
    )
    return counted.one_or_none() is not None


def _keep(
    session: Session, user_id: UUID, client_id: UUID, shift_at: datetime, opened_at: datetime | None, shown: Shown
) -> None:
    row = insert(openings).values(
        user_id=user_id,
        client_id=client_id,
        shift_at=shift_at,
        opened_at=opened_at,
        contacts=shown.contacts,
        health=shown.health,
    )
    said = {name: row.excluded[name] for name in ("shift_at", "opened_at", "contacts", "health")}
    session.execute(row.on_conflict_do_update(index_elements=["user_id", "client_id"], set_=said))


def _left(session: Session, caller: Caller, now: datetime) -> int | None:
    if caller.reveals_per_shift is None or caller.id is None:
        return None
    shift = shift_of(session, caller.id, now)
    return max(caller.reveals_per_shift - (shift.revealed if shift else 0), 0)


def _seconds_left(session: Session, caller: Caller, now: datetime) -> int:
    """Until the shift is over."""
    shift = shift_of(session, caller.id, now) if caller.id else None
    ends = (shift.started_at if shift else now) + SHIFT
    return max(math.ceil((ends - now).total_seconds()), 1)


# --- too many at once ------------------------------------------------------------------------------------------------


def _warn(session: Session, shift: Row[Any], desk: Desk) -> None:
    """Tell the journal, at most once in an hour, of somebody who opens more cards than a day's work asks for."""
    if shift.warned_at is not None and shift.warned_at > desk.now - WATCHED:
        return
    cards = opened_of_late(session, shift.user_id, desk.now)
    if cards <= desk.mass_reads_per_hour:
        return
    session.execute(update(reveal_shifts).where(reveal_shifts.c.user_id == shift.user_id).values(warned_at=desk.now))
    told = {"cards": (str(cards),)}
    deed = PersonalDataHandled(
        "client.mass_reads", "user", desk.now, subject_id=shift.user_id, actor_id=shift.user_id, details=told
    )
    announce(session, deed)
    mass_reads.labels("clients").inc()

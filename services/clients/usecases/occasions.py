"""Keep by what birthdays are found, and tell others when occasions open and close."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts.clients import OccasionClosed, OccasionKind, OccasionOpened
from services.clients import domain
from services.clients.domain.occasions import AFTER, closed_before, open_days
from services.clients.queries.occasions import born_on, came_first_on, year_of_the_first_visit
from services.clients.tables import birthdays, birthdays_sought, card_rows, clients, occasions
from services.clients.usecases.desk import Desk
from services.clients.vault import Vault

AT_ONCE = 200
KEPT = timedelta(days=400)  # what has closed; by then its year is over, and it cannot open again


def birthday_rows(cards: list[domain.Card], vault: Vault) -> list[dict[str, Any]]:
    return [
        {"client_id": card.id, "month_day": vault.blind_day(domain.month_day(card.person.birth_date))}
        for card in cards
        if card.person.birth_date is not None
    ]


def keep_birthday(session: Session, card: domain.Card, desk: Desk) -> None:
    forget_birthday(session, card.id)
    if rows := birthday_rows([card], desk.vault):
        session.execute(insert(birthdays).values(rows))


def forget_birthday(session: Session, client_id: UUID) -> None:
    session.execute(delete(birthdays).where(birthdays.c.client_id == client_id))


def forget_occasions(session: Session, client_id: UUID) -> None:
    session.execute(delete(occasions).where(occasions.c.client_id == client_id))


def take_occasions(session: Session, kept_id: UUID, duplicate_id: UUID) -> None:
    """What was announced of a card counts for the one that it was merged into: the person has one birthday a year."""
    theirs = select(literal(kept_id), *(column for column in occasions.c if column.name != "client_id"))
    some = theirs.where(occasions.c.client_id == duplicate_id)
    new = upsert(occasions).from_select([column.name for column in occasions.c], some)
    session.execute(new.on_conflict_do_nothing())
    forget_occasions(session, duplicate_id)


def seek_birthdays(session: Session, vault: Vault) -> bool:
    """Enter the birthdays of some cards that are older than what they are found by; whether there may be more."""
    sought = session.execute(select(birthdays_sought).with_for_update()).one()
    if sought.done:
        return False
    missing = ~exists().where(birthdays.c.client_id == clients.c.id)
    some = card_rows.where(clients.c.erased_at.is_(None), missing).order_by(clients.c.id).limit(AT_ONCE)
    if sought.until is not None:
        some = some.where(clients.c.id > sought.until)
    rows = session.execute(some.with_for_update(of=clients, key_share=True)).all()
    if new := birthday_rows(list(vault.open(rows).values()), vault):
        session.execute(upsert(birthdays).values(new).on_conflict_do_nothing())
    more = len(rows) == AT_ONCE
    session.execute(update(birthdays_sought).values(until=rows[-1].id if rows else sought.until, done=not more))
    return more


def open_occasions(session: Session, vault: Vault, now: datetime) -> bool:
    """Announce some of the occasions that are near and were not announced; whether there may be more.

    The row that says so is written with the event: neither is ever there without the other, or twice.
    """
    first_year = year_of_the_first_visit(session)
    for day in open_days(now):
        for kind, those in (("birthday", born_on(day, vault)), ("anniversary", came_first_on(day, first_year))):
            if len(_open(session, kind, day, those, now)) == AT_ONCE:  # type: ignore[arg-type]  # one of the two words
                return True
    return False


def _open(session: Session, kind: OccasionKind, day: date, those: ColumnElement[bool], now: datetime) -> list[UUID]:
    known = exists().where(
        occasions.c.client_id == clients.c.id, occasions.c.kind == kind, occasions.c.year == day.year
    )
    fresh = select(
        clients.c.id, literal(kind), literal(day.year), literal(day + AFTER), literal(now, occasions.c.opened_at.type)
    ).where(those, clients.c.erased_at.is_(None), ~known)
    columns = ["client_id", "kind", "year", "closes_on", "opened_at"]
    # In the order of their ids, and locked: somebody who is being erased just now is not told of afterwards.
    some = fresh.order_by(clients.c.id).limit(AT_ONCE).with_for_update(key_share=True)
    new = upsert(occasions).from_select(columns, some).on_conflict_do_nothing().returning(occasions.c.client_id)
    opened = sorted(session.scalars(new))
    for client_id in opened:
        announce(session, OccasionOpened(client_id, kind, day.year, now))
    return opened


def close_occasions(session: Session, now: datetime) -> bool:
    """Announce that some are over, and forget those of long ago; whether there may be more."""
    session.execute(delete(occasions).where(occasions.c.closed_at < now - KEPT))
    over = (occasions.c.closed_at.is_(None)) & (occasions.c.closes_on < closed_before(now))
    some = select(occasions).where(over).order_by(*occasions.primary_key).limit(AT_ONCE)
    rows = session.execute(some.with_for_update(skip_locked=True)).all()
    for row in rows:
        this = (occasions.c.client_id == row.client_id) & (occasions.c.kind == row.kind)
        session.execute(update(occasions).where(this, occasions.c.year == row.year).values(closed_at=now))
        announce(session, OccasionClosed(row.client_id, row.kind, row.year, now))
    return len(rows) == AT_ONCE

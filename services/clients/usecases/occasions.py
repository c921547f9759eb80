"""Keep by what birthdays are found."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from services.clients import domain
from services.clients.tables import birthdays
from services.clients.usecases.desk import Desk


def birthday_rows(cards: list[domain.Card], desk: Desk) -> list[dict[str, Any]]:
    return [
        {"client_id": card.id, "month_day": desk.vault.blind_day(domain.month_day(card.person.birth_date))}
        for card in cards
        if card.person.birth_date is not None
    ]


def keep_birthday(session: Session, card: domain.Card, desk: Desk) -> None:
    forget_birthday(session, card.id)
    if rows := birthday_rows([card], desk):
        session.execute(insert(birthdays).values(rows))


def forget_birthday(session: Session, client_id: UUID) -> None:
    session.execute(delete(birthdays).where(birthdays.c.client_id == client_id))

"""What becomes of a person's money when they are forgotten."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts.clients import PersonalDataHandled
from services.clients.queries.accounts import balance_of
from services.clients.usecases.discounts import forget_discounts
from services.clients.usecases.ledger import forget_account_texts


def forget_money(session: Session, row: Row[Any], now: datetime, by: UUID | None) -> None:
    """A person may be forgotten whatever they have on account or owe; the journal is told what was left.

    The entries stay for the sums. Without a card nobody can pay out what is left: who asks for an erasure asks first.
    """
    forget_discounts(session, row.id)
    forget_account_texts(session, row.id)
    left = balance_of(session, row.id)
    if left is not None and left.amount:
        details = {"balance": (str(left.amount),), "currency": (left.currency,)}
        deed = PersonalDataHandled("client.account_left", "client", now, row.id, by, details=details)
        announce(session, deed)

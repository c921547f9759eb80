"""What becomes of a person's money when two of their cards are made one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from services.clients.queries.discounts import newest_row
from services.clients.tables import accounts
from services.clients.usecases.desk import Desk
from services.clients.usecases.discounts import end_discount, take_over_discount
from services.clients.usecases.ledger import Posting, lock_account, post


def merge_money(session: Session, kept_id: UUID, duplicate_id: UUID, desk: Desk) -> None:
    """Move the balance of the duplicate to the card that is kept, and its discount if that has none.

    Both cards are locked. The entries stay on the account on which they were made, and are read through both.
    """
    _move_balance(session, kept_id, duplicate_id, desk)
    theirs = newest_row(session, duplicate_id)
    if theirs is None or theirs.percent is None:
        return
    ours = newest_row(session, kept_id)
    if not _is_left(ours, desk.now) and _is_left(theirs, desk.now):
        take_over_discount(session, kept_id, ours.version if ours else None, theirs, desk)
    end_discount(session, duplicate_id, theirs.version, desk)


def _is_left(rule: Row[Any] | None, now: datetime) -> bool:
    """Whether it is a discount, in force or to come, and not over."""
    return rule is not None and rule.percent is not None and (rule.valid_until is None or now < rule.valid_until)


def _move_balance(session: Session, kept_id: UUID, duplicate_id: UUID, desk: Desk) -> None:
    currency = session.scalar(select(accounts.c.currency).where(accounts.c.client_id == duplicate_id))
    if currency is None:
        return
    held = {each: lock_account(session, each, currency) for each in sorted((kept_id, duplicate_id))}
    balance = held[duplicate_id].balance
    if balance:
        for client_id, amount in ((duplicate_id, -balance), (kept_id, balance)):
            post(session, held[client_id], Posting("merge", amount, "merged", desk.now, desk.caller.id))

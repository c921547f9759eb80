"""Write entries on accounts: the only place that does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from chassis.database import new_id
from kernel.errors import Invalid
from services.clients.domain.accounts import balance_after, left_to_pay
from services.clients.tables import account_entries, account_lines, account_texts, accounts, visit_debts
from services.clients.tables.accounts import CLIENT

_THEIRS = accounts.c.client_id == bindparam("client")
_OPEN = upsert(accounts).values(client_id=bindparam("client"), currency=bindparam("currency"), balance=0, entries=0)
OPEN = _OPEN.on_conflict_do_nothing()
LOCK = select(accounts).where(_THEIRS).with_for_update()
TAKEN_BACK = account_entries.alias("taken_back")


@dataclass(frozen=True)
class Posting:
    """What is to be entered: `amount` on the client's account, the same with the other sign on `against`."""

    kind: str
    amount: int
    against: str
    at: datetime
    author_id: UUID | None = None
    appointment_id: UUID | None = None
    reverses_id: UUID | None = None


def lock_account(session: Session, client_id: UUID, currency: str) -> Row[Any]:
    """The account, opened if there is none, and nobody else's to write until the transaction ends."""
    said = {"client": client_id, "currency": currency}
    session.execute(OPEN, said)
    row = session.execute(LOCK, said).one()
    if row.currency != currency:
        raise Invalid.field("amount", "currency_differs", f"this account is in {row.currency}")
    return row


def post(session: Session, account: Row[Any], posting: Posting) -> UUID:
    """Enter it on a locked account, which goes stale by it. Triggers check at the commit that everything adds up."""
    entry_id, number = new_id(), account.entries + 1
    balance = balance_after(account.balance, posting.amount)
    session.execute(
        insert(account_entries).values(
            id=entry_id,
            client_id=account.client_id,
            number=number,
            kind=posting.kind,
            amount=posting.amount,
            balance=balance,
            at=posting.at,
            author_id=posting.author_id,
            appointment_id=posting.appointment_id,
            turn=_turn(session, posting),
            reverses_id=posting.reverses_id,
        )
    )
    lines = ((CLIENT, posting.amount), (posting.against, -posting.amount))
    session.execute(
        insert(account_lines), [{"entry_id": entry_id, "account": name, "amount": amount} for name, amount in lines]
    )
    theirs = update(accounts).where(accounts.c.client_id == account.client_id)
    session.execute(theirs.values(balance=balance, entries=number))
    return entry_id


def _turn(session: Session, posting: Posting) -> int | None:
    """How many entries of this kind the appointment has with this one."""
    if posting.appointment_id is None:
        return None
    same = (account_entries.c.appointment_id == posting.appointment_id) & (account_entries.c.kind == posting.kind)
    return (session.scalar(select(func.count()).select_from(account_entries).where(same)) or 0) + 1


def charged_for(session: Session, appointment_id: UUID) -> int:
    """What was charged by hand for an appointment and not taken back."""
    entries = account_entries
    charges = (
        select(func.coalesce(func.sum(-entries.c.amount), 0))
        .outerjoin(TAKEN_BACK, TAKEN_BACK.c.reverses_id == entries.c.id)
        .where(entries.c.appointment_id == appointment_id, entries.c.kind == "charge", TAKEN_BACK.c.id.is_(None))
    )
    return int(session.scalar(charges) or 0)


def settle_visit(session: Session, client_id: UUID, appointment_id: UUID, at: datetime) -> None:
    """Bring what stands on the account for a visit to what it left unpaid, less what was charged for it by hand.

    It is worked out from what is known by now, so the end is the same in whatever order that came to be known. What
    somebody took back of it stays taken back.
    """
    debt = session.execute(select(visit_debts).where(visit_debts.c.appointment_id == appointment_id)).one_or_none()
    if debt is None:
        return
    account = lock_account(session, client_id, debt.currency)
    of_visit = (account_entries.c.appointment_id == appointment_id) & (account_entries.c.kind == "visit")
    entered = int(session.scalar(select(func.coalesce(func.sum(-account_entries.c.amount), 0)).where(of_visit)) or 0)
    amount = left_to_pay(debt.unpaid, charged_for(session, appointment_id)) - entered
    if amount:
        post(session, account, Posting("visit", -amount, "revenue", at, appointment_id=appointment_id))


def forget_account_texts(session: Session, client_id: UUID) -> None:
    """What was said of the entries goes with the person; the entries stay, for the sums, of an id without a name."""
    session.execute(delete(account_texts).where(account_texts.c.client_id == client_id))

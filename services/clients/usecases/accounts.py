"""Pay in, pay out, charge, adjust, and take back: what people do to the account of a client."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from contracts.booking import ShowCurrency
from contracts.clients import (
    OVERDRAW,
    AccountEntry,
    AdjustAccount,
    ChargeAccount,
    ReverseAccountEntry,
    ShowAccount,
    TakeDeposit,
    WithdrawDeposit,
)
from kernel.caller import Caller
from kernel.errors import Conflict, Invalid, NotFound, Unavailable
from services.clients import queries
from services.clients.domain.accounts import refuse_overdraft, refuse_reversal, refuse_wrong_amount
from services.clients.domain.notes import said
from services.clients.queries.accounts import entry_of, row_of_entry
from services.clients.tables import account_texts, visit_debts, visits
from services.clients.usecases.desk import Desk
from services.clients.usecases.ledger import Posting, charged_for, lock_account, post, settle_visit

Call = Callable[[Any], Any]
Asked = ShowAccount | TakeDeposit | WithdrawDeposit | ChargeAccount | AdjustAccount


def ask_currency(call: Call, _request: Asked, _caller: Caller) -> str | None:
    """What prices are in; None where booking does not say so, or has none yet."""
    try:
        currency: str | None = call(ShowCurrency()).currency
    except (Unavailable, NotFound):  # not installed is not found
        return None
    return currency


def take_deposit(session: Session, request: TakeDeposit, desk: Desk, currency: str | None) -> AccountEntry:
    _check(session, request, desk, "clients_account.deposit", currency)
    account = lock_account(session, request.client_id, request.amount.currency)
    posting = Posting("deposit", request.amount.amount, request.paid_by, desk.now, desk.caller.id)
    return _entered(session, request.client_id, post(session, account, posting), request.comment, desk)


def withdraw_deposit(session: Session, request: WithdrawDeposit, desk: Desk, currency: str | None) -> AccountEntry:
    _check(session, request, desk, "clients_account.withdraw", currency)
    account = lock_account(session, request.client_id, request.amount.currency)
    refuse_overdraft(account.balance, request.amount.amount, may_overdraw=desk.caller.may(OVERDRAW))
    posting = Posting("withdrawal", -request.amount.amount, request.paid_by, desk.now, desk.caller.id)
    return _entered(session, request.client_id, post(session, account, posting), request.comment, desk)


def charge_account(session: Session, request: ChargeAccount, desk: Desk, currency: str | None) -> AccountEntry:
    _check(session, request, desk, "clients_account.charge", currency)
    if request.appointment_id is not None:
        _refuse_foreign_visit(session, request.client_id, request.appointment_id)
    account = lock_account(session, request.client_id, request.amount.currency)
    if request.appointment_id is not None:
        _refuse_second_charge(session, request.appointment_id)
    refuse_overdraft(account.balance, request.amount.amount, may_overdraw=desk.caller.may(OVERDRAW))
    amount, author = -request.amount.amount, desk.caller.id
    posting = Posting("charge", amount, "revenue", desk.now, author, appointment_id=request.appointment_id)
    return _entered(session, request.client_id, post(session, account, posting), request.comment, desk)


def adjust_account(session: Session, request: AdjustAccount, desk: Desk, currency: str | None) -> AccountEntry:
    _check(session, request, desk, "clients_account.adjust", currency)
    reason = said(request.reason, "reason")
    account = lock_account(session, request.client_id, request.amount.currency)
    posting = Posting("adjustment", request.amount.amount, "adjustment", desk.now, desk.caller.id)
    return _entered(session, request.client_id, post(session, account, posting), reason, desk)


def reverse_entry(session: Session, request: ReverseAccountEntry, desk: Desk) -> AccountEntry:
    queries.found(session, request.client_id, desk.caller, "clients_account.reverse", locked=True)
    reason = said(request.reason, "reason")
    entry = row_of_entry(session, request.client_id, request.id)
    account = lock_account(session, request.client_id, entry.currency)
    entry = row_of_entry(session, request.client_id, request.id)  # as it is under the lock
    refuse_reversal(entry.kind, reversed_already=entry.reversed_by_id is not None)
    posting = Posting("reversal", -entry.amount, entry.against, desk.now, desk.caller.id, reverses_id=entry.id)
    reversal = post(session, account, posting)
    if entry.kind == "charge" and entry.appointment_id is not None:
        settle_visit(session, request.client_id, entry.appointment_id, desk.now)
    return _entered(session, request.client_id, reversal, reason, desk)


def _check(
    session: Session,
    request: TakeDeposit | WithdrawDeposit | ChargeAccount | AdjustAccount,
    desk: Desk,
    permission: str,
    currency: str | None,
) -> None:
    """The card, locked, and whether the amount is right in itself; what booking does not say the own copy may know."""
    queries.found(session, request.client_id, desk.caller, permission, locked=True)
    known = currency or queries.known_currency(session)
    refuse_wrong_amount(request.amount, known, signed=isinstance(request, AdjustAccount))


def _refuse_foreign_visit(session: Session, client_id: UUID, appointment_id: UUID) -> None:
    theirs = exists().where(visits.c.appointment_id == appointment_id, queries.of_person(visits.c.client_id, client_id))
    if not session.scalar(select(theirs)):
        raise Invalid.field("appointment_id", "appointment_unknown", "this client has no such appointment")


def _refuse_second_charge(session: Session, appointment_id: UUID) -> None:
    owed = exists().where(visit_debts.c.appointment_id == appointment_id, visit_debts.c.unpaid > 0)
    if session.scalar(select(owed)):
        raise Conflict("visit_on_account", "what this visit left unpaid is on the account already")
    if charged_for(session, appointment_id):
        raise Conflict("appointment_charged", "this appointment was charged already")


def _entered(session: Session, client_id: UUID, entry_id: UUID, text: str | None, desk: Desk) -> AccountEntry:
    """The entry as it is shown, with what is said of it."""
    if text and text.strip():
        sealed = desk.vault.seal_for(client_id, f"account:{entry_id}", text.strip())
        session.execute(insert(account_texts).values(entry_id=entry_id, client_id=client_id, text=sealed))
    return entry_of(session, client_id, entry_id, desk.caller, desk.vault)

"""Accounts of clients on the wire: one line per message."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import (
    Account,
    AccountEntry,
    AdjustAccount,
    ChargeAccount,
    ListAccountEntries,
    ReverseAccountEntry,
    ShowAccount,
    ShowAccountEntry,
    TakeDeposit,
    WithdrawDeposit,
)
from contracts.message import PastPage
from kernel.caller import Caller
from services.clients.queries.accounts import list_entries, show_account, show_entry
from services.clients.service.base import Base
from services.clients.usecases.accounts import (
    adjust_account,
    ask_currency,
    charge_account,
    reverse_entry,
    take_deposit,
    withdraw_deposit,
)

Currency = str | None  # what booking said that prices are in


class Accounts(Base):
    @serves(ShowAccount, first=ask_currency)
    def show_account(self, session: Session, request: ShowAccount, caller: Caller, currency: Currency) -> Account:
        return show_account(session, request.client_id, caller, currency)

    @serves(ListAccountEntries)
    def list_account_entries(
        self, session: Session, request: ListAccountEntries, caller: Caller
    ) -> PastPage[AccountEntry]:
        return list_entries(session, request, caller, self.vault, self.history_from(caller, request.client_id))

    @serves(ShowAccountEntry)
    def show_account_entry(self, session: Session, request: ShowAccountEntry, caller: Caller) -> AccountEntry:
        since = self.history_from(caller, request.client_id)
        return show_entry(session, request.client_id, request.id, caller, self.vault, since)

    @serves(TakeDeposit, first=ask_currency)
    def take_deposit(self, session: Session, request: TakeDeposit, caller: Caller, currency: Currency) -> AccountEntry:
        return take_deposit(session, request, self.desk(caller), currency)

    @serves(WithdrawDeposit, first=ask_currency)
    def withdraw_deposit(
        self, session: Session, request: WithdrawDeposit, caller: Caller, currency: Currency
    ) -> AccountEntry:
        return withdraw_deposit(session, request, self.desk(caller), currency)

    @serves(ChargeAccount, first=ask_currency)
    def charge_account(
        self, session: Session, request: ChargeAccount, caller: Caller, currency: Currency
    ) -> AccountEntry:
        return charge_account(session, request, self.desk(caller), currency)

    @serves(AdjustAccount, first=ask_currency)
    def adjust_account(
        self, session: Session, request: AdjustAccount, caller: Caller, currency: Currency
    ) -> AccountEntry:
        return adjust_account(session, request, self.desk(caller), currency)

    @serves(ReverseAccountEntry)
    def reverse_account_entry(self, session: Session, request: ReverseAccountEntry, caller: Caller) -> AccountEntry:
        return reverse_entry(session, request, self.desk(caller))

"""The account of a client with the salon, and what to think of when they come."""

from contracts.clients import (
    AdjustAccount,
    ChargeAccount,
    ListAccountEntries,
    ReverseAccountEntry,
    ShowAccount,
    ShowAccountEntry,
    ShowReminders,
    TakeDeposit,
    WithdrawDeposit,
)
from gateway.route import Area

area = Area("client accounts", "Deposits and debts of clients")
expose = area.expose

ACCOUNT = "/clients/<uuid:client_id>/account"
ENTRIES = f"{ACCOUNT}/entries"

expose("GET", ACCOUNT, ShowAccount, "Show what a client has on account or owes", resource=ShowAccount)
expose("GET", ENTRIES, ListAccountEntries, "List what was entered on an account", resource=ShowAccount)
expose("GET", f"{ENTRIES}/<uuid:id>", ShowAccountEntry, "Show an entry", resource=ShowAccountEntry)
for name, request, summary in (
    ("deposits", TakeDeposit, "Take a deposit"),
    ("withdrawals", WithdrawDeposit, "Pay something out"),
    ("charges", ChargeAccount, "Pay from the account"),
    ("adjustments", AdjustAccount, "Put an account right"),
):
    expose("POST", f"{ACCOUNT}/{name}", request, summary, status=201, resource=ShowAccount)
expose(
    "POST",
    f"{ENTRIES}/<uuid:id>/reverse",
    ReverseAccountEntry,
    "Take an entry back",
    status=201,
    resource=ShowAccountEntry,
)
expose(
    "GET",
    "/clients/<uuid:client_id>/reminders",
    ShowReminders,
    "Show what to think of when a client comes",
    resource=ShowReminders,
)

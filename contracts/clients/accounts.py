"""The account of a client with the salon: deposits, debts, and the entries that made them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.message import Cursor, Limit, PastPage, Request, Text
from kernel.money import Money

OVERDRAW = "clients_account.overdraw"  # a permission beside those of Requests: to let a balance fall below zero

PaidBy = Literal["cash", "card", "transfer"]
EntryKind = Literal["deposit", "withdrawal", "charge", "visit", "adjustment", "reversal", "merge"]
Against = Literal["cash", "card", "transfer", "revenue", "adjustment", "merged"]
AccountReason = Annotated[str, Meta(min_length=1, max_length=2_000)]


@dataclass(frozen=True)
class Account:
    """`balance` is what the salon owes the client: above zero it is the `deposit`, below zero the `debt`."""

    client_id: UUID
    balance: Money
    deposit: Money
    debt: Money


@dataclass(frozen=True)
class AccountEntry:
    """One entry, never changed: `amount` on the client's account, the same with the other sign on `against`.

    `balance` is what stood there afterwards. A mistake is taken back by an entry that `reverses` it. `text` is what was
    said of it, for the salon only; nothing is left of it once the person is erased.
    """

    id: UUID
    client_id: UUID
    number: int
    kind: EntryKind
    amount: Money
    against: Against
    balance: Money
    at: datetime
    author_id: UUID | None = None
    appointment_id: UUID | None = None
    reverses_id: UUID | None = None
    reversed_by_id: UUID | None = None
    text: str | None = None


@dataclass(frozen=True)
class ShowAccount(Request[Account], permission="clients_account.read", effects=False):
    client_id: UUID


@dataclass(frozen=True)
class ListAccountEntries(Request[PastPage[AccountEntry]], permission="clients_account.read", effects=False):
    """The newest first."""

    client_id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ShowAccountEntry(Request[AccountEntry], permission="clients_account.read", effects=False):
    client_id: UUID
    id: UUID


@dataclass(frozen=True)
class TakeDeposit(Request[AccountEntry], permission="clients_account.deposit"):
    """The client pays something in; what they owe is less by it."""

    client_id: UUID
    amount: Money
    paid_by: PaidBy
    comment: Text | None = None


@dataclass(frozen=True)
class WithdrawDeposit(Request[AccountEntry], permission="clients_account.withdraw"):
    """The client gets something back. Refused with `deposit_too_small`, unless the caller may overdraw."""

    client_id: UUID
    amount: Money
    paid_by: PaidBy
    comment: Text | None = None


@dataclass(frozen=True)
class ChargeAccount(Request[AccountEntry], permission="clients_account.charge"):
    """The client pays for something from the account: once for an appointment, else `appointment_charged`.

    Refused with `deposit_too_small`, unless the caller may overdraw. What a completed visit left unpaid is on the
    account already, and is refused with `visit_on_account`.
    """

    client_id: UUID
    amount: Money
    appointment_id: UUID | None = None
    comment: Text | None = None


@dataclass(frozen=True)
class AdjustAccount(Request[AccountEntry], permission="clients_account.adjust"):
    """Put right by `amount`, above or below zero, what no payment explains."""

    client_id: UUID
    amount: Money
    reason: AccountReason


@dataclass(frozen=True)
class ReverseAccountEntry(Request[AccountEntry], permission="clients_account.reverse"):
    """Take an entry back, once, whatever the balance is then: a mistake may have been spent already."""

    client_id: UUID
    id: UUID
    reason: AccountReason

"""A service that exists to be measured and broken: accounts, deposits, and the event of each deposit."""

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Identity, Integer, MetaData, Table, Text, insert, select
from sqlalchemy.orm import Session

from chassis.messaging import serves
from chassis.outbox import announce
from contracts.message import INTERNAL, Event, Request
from kernel.caller import Caller
from kernel.errors import NotFound

ACCOUNTS = 1_000

tables = MetaData()
accounts = Table(
    "accounts", tables, Column("id", Integer, primary_key=True), Column("owner", Text), Column("note", Text)
)
deposits = Table(
    "deposits",
    tables,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("account", Integer),
    Column("amount", Integer),
)


@dataclass(frozen=True)
class Deposited(Event):
    account: int
    amount: int


@dataclass(frozen=True)
class Account:
    id: int
    owner: str
    note: str


@dataclass(frozen=True)
class ReadAccount(Request[Account], permission=INTERNAL, effects=False):
    id: int


@dataclass(frozen=True)
class Deposit(Request[int], permission=INTERNAL):
    account: int
    amount: int


def deposit(session: Session, account: int, amount: int) -> int:
    """Write a deposit and announce it; the transaction is the caller's."""
    written = session.execute(insert(deposits).values(account=account, amount=amount).returning(deposits.c.id))
    announce(session, Deposited(account, amount))
    return int(written.scalar_one())


class Ledger:
    name: ClassVar[str] = "ledger"
    tables: ClassVar[MetaData] = tables

    @serves(Deposit)
    def make_deposit(self, session: Session, request: Deposit, caller: Caller) -> int:  # noqa: ARG002
        return deposit(session, request.account, request.amount)

    @serves(ReadAccount)
    def read_account(self, session: Session, request: ReadAccount, caller: Caller) -> Account:  # noqa: ARG002
        row = session.execute(select(accounts).where(accounts.c.id == request.id)).one_or_none()
        if row is None:
            raise NotFound("account_unknown", "there is no such account")
        return Account(row.id, row.owner, row.note)

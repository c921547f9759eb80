"""The other service that exists to be measured and broken: the sum of each account, from the ledger's events alone."""

from collections import Counter
from collections.abc import Sequence
from time import time
from typing import ClassVar

from sqlalchemy import Column, Double, Integer, MetaData, Table, text
from sqlalchemy.orm import Session

from bench.ledger import Deposited
from chassis.messaging import handles

tables = MetaData()
sums = Table(
    "sums",
    tables,
    Column("account", Integer, primary_key=True),
    Column("deposits", Integer, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("seen_at", Double, nullable=False),  # seconds since 1970
)


# One statement for any number of accounts, in an order that is the same everywhere, or two batches deadlock.
ADD_UP = text("""
    INSERT INTO sums SELECT account, deposits, amount, :now FROM unnest(
        CAST(:accounts AS INT[]), CAST(:deposits AS INT[]), CAST(:amounts AS INT[])
    ) AS more (account, deposits, amount) ORDER BY account
    ON CONFLICT (account) DO UPDATE SET deposits = sums.deposits + excluded.deposits,
        amount = sums.amount + excluded.amount, seen_at = excluded.seen_at
""")


class Tally:
    name: ClassVar[str] = "tally"
    tables: ClassVar[MetaData] = tables

    @handles(Deposited, batch=True)
    def add_up(self, session: Session, events: Sequence[Deposited]) -> None:
        counts, amounts = Counter[int](), Counter[int]()
        for event in events:
            counts[event.account] += 1
            amounts[event.account] += event.amount
        accounts = list(counts)
        session.execute(
            ADD_UP,
            {
                "now": time(),
                "accounts": accounts,
                "deposits": [counts[account] for account in accounts],
                "amounts": [amounts[account] for account in accounts],
            },
        )

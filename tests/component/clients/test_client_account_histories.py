"""Whatever happens to an account, in whatever order it is told: nothing is lost, and nothing comes of nothing."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from chassis.database import new_id
from contracts.booking import VisitCompleted, VisitRefunded
from contracts.clients import (
    AdjustAccount,
    ChargeAccount,
    ListAccountEntries,
    ReverseAccountEntry,
    TakeDeposit,
    WithdrawDeposit,
)
from kernel.errors import Refusal
from kernel.money import Money
from services.clients.tables import account_entries, account_lines
from tests.builders import anna
from tests.component.clients.conftest import clara
from tests.facts import booked, completed, line, refunded
from tests.harness import Harness

WORDS = ("read", "deposit", "withdraw", "charge", "adjust", "reverse")
DESK = anna(*(f"clients_account.{word}" for word in WORDS))
AMOUNTS = st.integers(1, 500)
VISITS = st.integers(0, 2)
STEPS = st.one_of(
    st.tuples(st.just("deposit"), AMOUNTS),
    st.tuples(st.just("withdraw"), AMOUNTS),
    st.tuples(st.just("charge"), AMOUNTS, st.none() | VISITS),
    st.tuples(st.just("adjust"), AMOUNTS | AMOUNTS.map(int.__neg__)),
    st.tuples(st.just("reverse"), st.integers(0, 9)),
    st.tuples(st.just("bill"), VISITS, st.integers(2, 4)),
)


@dataclass
class Book:
    """The same account, kept in the simplest way: payments, charges by visit, and the newest bills."""

    loose: list[int] = field(default_factory=list)
    charges: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    unpaid: dict[int, int] = field(default_factory=dict)

    @property
    def balance(self) -> int:
        charged = {visit: sum(amounts) for visit, amounts in self.charges.items()}
        owed = sum(max(0, amount - charged.get(visit, 0)) for visit, amount in self.unpaid.items())
        return sum(self.loose) - sum(charged.values()) - owed


def bills_of(client_id: UUID, visits: list[UUID], unpaid: int) -> dict[tuple[int, int], VisitCompleted | VisitRefunded]:
    """Three versions of the bill of each visit; all of a visit leave the same unpaid, as booking has it."""
    bills: dict[tuple[int, int], VisitCompleted | VisitRefunded] = {}
    for place, visit in enumerate(visits):
        left = unpaid * place
        for version in (2, 3, 4):
            due = line(1_000, refunded=version - 2)
            build = completed if version == 2 else refunded
            bills[place, version] = build(visit, client_id, due, paid=1_000 - left, version=version)
    return bills


@pytest.fixture
def salon(start):
    return start("clients")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(STEPS, max_size=12), unpaid=st.integers(0, 400))
def test_the_balance_is_what_a_simple_book_says(salon: Harness, steps: list[tuple], unpaid: int) -> None:
    client_id = salon.ask(clara(phones=())).id
    visits = [new_id() for _ in range(3)]
    salon.deliver(*(booked(visit, client_id) for visit in visits))
    bills = bills_of(client_id, visits, unpaid)
    book, entries, taken_back = Book(), [], set()
    for step in steps:
        if step[0] == "bill":
            _, visit, version = step
            salon.deliver(bills[visit, version], bills[visit, version])
            if unpaid * visit:
                book.unpaid[visit] = unpaid * visit
            continue
        before = book.balance
        try:
            entry = salon.ask(request_of(step, client_id, visits, entries), DESK)
        except Refusal as refusal:
            assert is_right(refusal.code, step, before, book, entries, taken_back), refusal
            continue
        except LookupError:
            continue
        entries.append((entry, step))
        if step[0] in ("deposit", "adjust"):
            book.loose.append(step[1])
        elif step[0] == "withdraw" or (step[0] == "charge" and step[2] is None):
            book.loose.append(-step[1])
        elif step[0] == "charge":
            book.charges[step[2]].append(step[1])
        else:
            taken_back.add(entry.reverses_id)
            _, what = next(each for each in entries if each[0].id == entry.reverses_id)
            if what[0] == "charge" and what[2] is not None:
                book.charges[what[2]].remove(what[1])
            else:
                book.loose.append(entry.amount.amount)
    told = salon.ask(ListAccountEntries(client_id, limit=200), DESK).items
    assert (told[0].balance.amount if told else 0) == book.balance == sum(entry.amount.amount for entry in told)
    assert [entry.number for entry in told] == list(range(len(told), 0, -1))
    with salon.session() as session:
        assert (session.scalar(select(func.sum(account_lines.c.amount))) or 0) == 0
        kinds = select(account_entries.c.kind).where(account_entries.c.client_id == client_id)
        assert session.scalars(kinds).all().count("visit") <= len(book.unpaid)


def request_of(step: tuple, client_id: UUID, visits: list[UUID], entries: list):
    if step[0] == "reverse":
        return ReverseAccountEntry(client_id, entries[step[1]][0].id, "a mistake")
    amount = Money(step[1], "RUB")
    if step[0] == "deposit":
        return TakeDeposit(client_id, amount, "cash")
    if step[0] == "withdraw":
        return WithdrawDeposit(client_id, amount, "card")
    if step[0] == "charge":
        return ChargeAccount(client_id, amount, None if step[2] is None else visits[step[2]])
    return AdjustAccount(client_id, amount, "counted anew")


def is_right(code: str, step: tuple, balance: int, book: Book, entries: list, taken_back: set) -> bool:
    """Whether the refusal is the one that the book expects, too."""
    if code == "deposit_too_small":
        return step[0] in ("withdraw", "charge") and step[1] > balance
    if code == "appointment_charged":
        return bool(book.charges[step[2]])
    if code == "visit_on_account":
        return step[2] in book.unpaid
    entry = entries[step[1]][0]
    return (code == "entry_reversed" and entry.id in taken_back) or (
        code == "entry_not_reversible" and entry.kind == "reversal"
    )

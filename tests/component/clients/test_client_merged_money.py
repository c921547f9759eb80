"""Two cards of one person: what stood on both accounts stands on one, and a discount is not lost."""

import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from chassis.database import new_id
from contracts.booking import CheckMerge, MergeCheck
from contracts.clients import (
    ChargeAccount,
    EraseClient,
    ListAccountEntries,
    MergeClients,
    PersonalDiscountChanged,
    ReverseAccountEntry,
    SetPersonalDiscount,
    ShowAccount,
    ShowPersonalDiscount,
    TakeDeposit,
)
from kernel.errors import Conflict, Gone
from kernel.money import Money
from services.clients.tables import account_lines, account_texts, accounts, personal_discounts
from tests.component.clients.conftest import Start, clara, refused
from tests.facts import completed, line, refunded
from tests.harness import Harness


@pytest.fixture
def salon(start: Start) -> Harness:
    harness = start("clients")
    harness.others.answers[CheckMerge] = lambda _: MergeCheck(())
    return harness


def two(salon: Harness):
    return [salon.ask(clara(phones=())).id for _ in range(2)]


def rub(amount: int) -> Money:
    return Money(amount, "RUB")


def balance(salon: Harness, client_id) -> int:
    return int(salon.ask(ShowAccount(client_id)).balance.amount)


def test_the_balance_moves_and_the_entries_are_read_as_one(salon: Harness) -> None:
    kept, duplicate = two(salon)
    paid = salon.ask(TakeDeposit(duplicate, rub(500), "cash", "for Christmas"))
    salon.ask(TakeDeposit(kept, rub(100), "card"))
    salon.ask(MergeClients(kept, duplicate))
    assert balance(salon, kept) == 600
    refused(Gone, "merged", lambda: salon.ask(ShowAccount(duplicate)))
    told = salon.ask(ListAccountEntries(kept)).items
    assert [(each.kind, each.amount.amount, each.text) for each in told] == [
        ("merge", 500, None), ("merge", -500, None), ("deposit", 100, None), ("deposit", 500, "for Christmas"),
    ]  # fmt: skip
    refused(Conflict, "entry_not_reversible", lambda: salon.ask(ReverseAccountEntry(kept, told[0].id, "x")))
    salon.ask(ReverseAccountEntry(kept, paid.id, "not theirs"))
    assert balance(salon, kept) == 100
    with salon.session() as session:
        assert session.scalar(select(func.sum(account_lines.c.amount))) == 0


def test_a_visit_of_the_duplicate_is_owed_by_the_person_once(salon: Harness) -> None:
    """Whether its bill comes before the merge or after it, and with the next bill, too."""
    kept, duplicate = two(salon)
    before, after = (completed(new_id(), duplicate, line(1_000), paid=400) for _ in range(2))
    salon.deliver(before)
    salon.ask(MergeClients(kept, duplicate))
    salon.deliver(after, refunded(before.appointment_id, duplicate, line(1_000, refunded=1), paid=400))
    assert balance(salon, kept) == -1_200
    refused(Conflict, "visit_on_account", lambda: salon.ask(ChargeAccount(kept, rub(1), before.appointment_id)))


def test_nothing_is_opened_for_those_who_have_nothing(salon: Harness) -> None:
    kept, duplicate = two(salon)
    salon.ask(MergeClients(kept, duplicate))
    with salon.session() as session:
        assert session.execute(select(accounts)).all() == []


def test_no_debt_is_lost_between_a_bill_and_a_merge_at_once(salon: Harness) -> None:
    for _ in range(4):
        kept, duplicate = two(salon)
        body = salon.envelope(completed(new_id(), duplicate, line(1_000), paid=400))
        threads = [
            threading.Thread(target=salon.answer, args=(MergeClients(kept, duplicate),)),
            threading.Thread(target=salon.dispatcher.absorb, args=("booking", [body])),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert balance(salon, kept) == -600


def test_a_discount_of_the_duplicate_is_the_persons_if_they_have_none(salon: Harness) -> None:
    kept, duplicate = two(salon)
    salon.ask(SetPersonalDiscount(duplicate, 1, Decimal(10), "a neighbour"))
    salon.ask(MergeClients(kept, duplicate))
    shown = salon.ask(ShowPersonalDiscount(kept))
    assert (shown.percent, shown.reason, shown.version) == (10, "a neighbour", 2)
    told = salon.announced(PersonalDiscountChanged)
    assert [(each.client_id, each.percent) for each in told] == [(duplicate, 10), (kept, 10), (duplicate, None)]


def test_a_discount_of_the_person_stays(salon: Harness) -> None:
    kept, duplicate = two(salon)
    salon.ask(SetPersonalDiscount(kept, 1, Decimal(5), "a friend"))
    salon.ask(SetPersonalDiscount(duplicate, 1, Decimal(10), "a neighbour"))
    salon.ask(MergeClients(kept, duplicate))
    assert salon.ask(ShowPersonalDiscount(kept)).percent == 5
    assert [each.percent for each in salon.announced(PersonalDiscountChanged)] == [5, 10, None]


def test_a_discount_that_is_over_stands_against_none(salon: Harness) -> None:
    """Nor is one that is over taken from the duplicate."""
    over = {"valid_from": datetime(2020, 1, 1, tzinfo=UTC), "valid_until": datetime(2021, 1, 1, tzinfo=UTC)}
    (kept, duplicate), (third, fourth) = two(salon), two(salon)
    for one in (kept, fourth):
        salon.ask(SetPersonalDiscount(one, 1, Decimal(5), "a friend"))
    with salon.session() as session:
        session.execute(update(personal_discounts).values(over))
        session.commit()
    salon.ask(SetPersonalDiscount(duplicate, 1, Decimal(10), "a neighbour"))
    salon.ask(MergeClients(kept, duplicate))
    assert salon.ask(ShowPersonalDiscount(kept)).percent == 10
    salon.ask(MergeClients(third, fourth))
    assert salon.ask(ShowPersonalDiscount(third)).percent is None


def test_the_person_goes_with_what_both_cards_said(salon: Harness) -> None:
    kept, duplicate = two(salon)
    salon.ask(TakeDeposit(duplicate, rub(500), "cash", "for Christmas"))
    salon.ask(SetPersonalDiscount(duplicate, 1, Decimal(10), "a neighbour"))
    version = salon.ask(MergeClients(kept, duplicate)).version
    salon.ask(EraseClient(kept, version))
    with salon.session() as session:
        assert session.execute(select(account_texts)).all() == session.execute(select(personal_discounts)).all() == []

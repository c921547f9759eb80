"""What the desk is reminded of when a client books or comes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.clients import (
    ExportClient,
    GivePerk,
    RedeemPerk,
    Reminders,
    SetPersonalDiscount,
    ShowReminders,
    TakeDeposit,
    WithdrawDeposit,
)
from kernel.errors import NotFound
from kernel.money import Money
from services.clients.queries.reminders import _birthday
from tests.builders import HERE, OWNER, a_user, anna, boris
from tests.component.clients.conftest import clara, refused
from tests.component.clients.test_client_export import ELSEWHERE
from tests.harness import Harness

TODAY = datetime.now(UTC).date()
DESK = anna("clients.read", "clients_account.read", marks=frozenset({"contacts"}))


def born(ahead: int) -> dict[str, Any]:
    """Born on the day that is so many days ahead, a leap year's if need be."""
    return {"birth_date": (TODAY + timedelta(days=ahead)).replace(year=1984)}


def test_what_there_is_to_think_of(salon: Harness) -> None:
    card = salon.ask(clara(**born(7)))
    coffee, cream = salon.ask(GivePerk(card.id, "a coffee", 2)), salon.ask(GivePerk(card.id, "a hand cream"))
    salon.ask(RedeemPerk(card.id, cream.id))
    salon.ask(TakeDeposit(card.id, Money(500, "RUB"), "cash"))
    until = datetime.now(UTC) + timedelta(days=1)
    salon.ask(SetPersonalDiscount(card.id, 1, Decimal(5), "a neighbour", valid_until=until))
    assert salon.ask(ShowReminders(card.id), DESK) == Reminders(
        card.id,
        (coffee,),
        birthday=TODAY + timedelta(days=7),
        deposit=Money(500, "RUB"),
        discount_percent=Decimal(5),
        discount_until=until,
    )
    salon.ask(WithdrawDeposit(card.id, Money(800, "RUB"), "cash"))
    shown = salon.ask(ShowReminders(card.id), DESK)
    assert (shown.deposit, shown.debt) == (None, Money(300, "RUB"))


def test_who_may_not_see_something_is_not_reminded_of_it(salon: Harness) -> None:
    card = salon.ask(clara(home_branch_id=HERE, **born(0)))
    salon.ask(TakeDeposit(card.id, Money(500, "RUB"), "cash"))
    master = anna("clients.read")
    assert salon.ask(ShowReminders(card.id), master) == Reminders(card.id, ())
    herself = a_user("clients.read.own", "clients_account.read.own", client_id=card.id)
    assert salon.ask(ShowReminders(card.id), herself).deposit == Money(500, "RUB")
    refused(NotFound, "client_not_found", lambda: salon.ask(ShowReminders(card.id), boris("clients.read")))


@pytest.mark.parametrize(
    ("birth", "today", "day"),
    [
        ("1990-01-02", "2026-12-28", "2027-01-02"),
        ("1988-02-29", "2026-02-25", "2026-02-28"),
        ("1988-02-29", "2028-02-25", "2028-02-29"),
        ("1990-05-09", "2026-05-01", None),
        ("1990-05-09", "2026-05-10", None),
    ],
)
def test_a_birthday_is_a_week_ahead_at_most(birth: str, today: str, day: str | None) -> None:
    """29 February is kept on the 28th in years without one."""
    found = _birthday(datetime.fromisoformat(birth).date(), datetime.fromisoformat(today).date())
    assert (found and found.isoformat()) == day


def test_an_export_holds_money_and_discounts(salon: Harness) -> None:
    """The account for those who may read it."""
    card = salon.ask(clara())
    entry = salon.ask(TakeDeposit(card.id, Money(500, "RUB"), "cash", "for Christmas"))
    discount = salon.ask(SetPersonalDiscount(card.id, 1, Decimal(5), "a neighbour"))
    salon.others.answers |= {ask: lambda _, held=held: held for ask, held in ELSEWHERE.items()}
    taken = salon.ask(ExportClient(card.id), OWNER)
    assert (taken.account, taken.personal_discounts) == ((entry,), (discount,))
    assert salon.ask(ExportClient(card.id), anna("clients.export")).account == ()

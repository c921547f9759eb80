"""Nobody is forgotten by the clock while somebody owes somebody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from contracts.clients import ChangeRetention, ListClients, PreviewRetention, TakeDeposit, WithdrawDeposit
from kernel.caller import Caller
from kernel.money import Money
from services.clients import queries, usecases
from tests.component.clients.conftest import clara
from tests.harness import Harness

YEARS_LATER = datetime.now(UTC) + timedelta(days=800)


def left(salon: Harness) -> int:
    """How many there are after the clock has done its work."""
    with salon.session() as session:
        assert queries.preview_retention(session, 12, YEARS_LATER).clients in (0, 1)
        desk = salon.dispatcher.instance.desk(Caller(kind="service"))
        usecases.retention.forget_long_unseen(session, replace(desk, now=YEARS_LATER))
        session.commit()
    return len(salon.ask(ListClients()).items)


def test_a_balance_keeps_a_person_until_it_is_settled(salon: Harness) -> None:
    card = salon.ask(clara())
    salon.ask(ChangeRetention(1, 12))
    salon.ask(TakeDeposit(card.id, Money(500, "RUB"), "cash"))
    assert left(salon) == 1
    salon.ask(WithdrawDeposit(card.id, Money(700, "RUB"), "cash"))
    assert left(salon) == 1
    salon.ask(TakeDeposit(card.id, Money(200, "RUB"), "cash"))
    assert left(salon) == 0
    assert salon.ask(PreviewRetention(12)).clients == 0

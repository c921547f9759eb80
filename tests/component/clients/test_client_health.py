"""What booking is told of a person's health: whether it is one of the marks that it names, and nothing else."""

import pytest
from sqlalchemy import update

from chassis.wire import MASK
from contracts.clients import ChangeClient, CheckConditions, Client, EraseClient
from kernel.caller import Caller
from kernel.errors import Forbidden, Unavailable
from services.clients.tables import clients
from tests.builders import CLARA, OWNER, anna
from tests.component.clients.conftest import ANNA, DESK, clara, refused
from tests.harness import Harness

BOOKING = Caller(kind="service", service="booking", everywhere=True)


@pytest.fixture
def card(salon: Harness) -> Client:
    return salon.ask(clara(contraindications=("Аллергия на ОРЕХИ", "epilepsy since 2019")), ANNA)


def told(salon: Harness, card: Client, *conditions: str) -> tuple[bool, ...]:
    return salon.ask(CheckConditions(card.id, conditions), BOOKING).matched


def test_each_condition_is_answered_for_in_its_place(salon: Harness, card: Client) -> None:
    assert told(salon, card, "pregnancy", "epilepsy", "орех") == (False, True, True)
    assert told(salon, salon.ask(clara(phones=())), "epilepsy") == (False,)


def test_only_services_ask(salon: Harness, card: Client) -> None:
    """Else whoever may mark services could ask one condition after another."""
    for caller in (OWNER, ANNA):
        with pytest.raises(Forbidden):
            salon.ask(CheckConditions(card.id, ("epilepsy",)), caller)


def test_of_nobody_nothing_is_said(salon: Harness, card: Client) -> None:
    assert salon.ask(CheckConditions(CLARA, ("epilepsy",)), BOOKING).matched == (False,)
    salon.ask(EraseClient(card.id, card.version))
    assert told(salon, card, "epilepsy") == (False,)


def test_a_card_that_cannot_be_read_says_neither_yes_nor_no(salon: Harness, card: Client) -> None:
    with salon.session() as session:
        session.execute(update(clients).where(clients.c.id == card.id).values(health=b"\x01 damaged"))
        session.commit()
    with pytest.raises(Unavailable, match="card_unreadable"):
        told(salon, card, "epilepsy")


def test_who_does_not_see_health_does_not_change_it(salon: Harness, card: Client) -> None:
    """They would replace what they cannot read, and the guard with it; everything else of the card is theirs."""
    blind = anna(*DESK, marks=frozenset({"contacts"}))
    for said in ((), ("pregnancy",)):
        change = ChangeClient(card.id, 1, contraindications=said)
        refused(Forbidden, "mark_missing", lambda change=change: salon.ask(change, blind))
    assert salon.ask(ChangeClient(card.id, 1, comment="tea"), blind).contraindications == (MASK, MASK)
    assert told(salon, card, "epilepsy") == (True,)
    assert salon.ask(clara(phones=(), contraindications=("latex",)), blind).contraindications == (MASK,)

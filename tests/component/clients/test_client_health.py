"""What booking is told of a person's health: whether it is one of the marks that it names, and nothing else."""

import pytest
from sqlalchemy import update

from contracts.clients import CheckConditions, Client, EraseClient
from kernel.caller import Caller
from kernel.errors import Forbidden, Unavailable
from services.clients.tables import clients
from tests.builders import CLARA, OWNER
from tests.component.clients.conftest import ANNA, clara
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

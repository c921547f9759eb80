"""Clients and loyalty together: what each tells the other comes to rest, and both say the same of a card."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts.clients import (
    ChangeClient,
    Client,
    ClientChanged,
    ClientRegistered,
    CreateClientCategory,
    RegisterClient,
    ShowClient,
)
from contracts.loyalty import ClientSorted, PublishProgramme, ShowDiscount, ShowEdges
from tests.facts import completed, numbered
from tests.harness import Harness

Start = Callable[..., Harness]


class Both:
    """The two services, and what each was told of the other so far."""

    def __init__(self, start: Start) -> None:
        self.clients, self.loyalty = start("clients"), start("loyalty")
        self._told = {"clients": 0, "loyalty": 0}

    def settle(self) -> int:
        """Let the clocks run and events through until nobody says anything; how many rounds that took."""
        for rounds in range(20):
            self.clients.tick()
            self.loyalty.tick()
            of_cards = self._news(self.clients, "clients", ClientRegistered, ClientChanged)
            of_rules = self._news(self.loyalty, "loyalty", ClientSorted)
            if not of_cards and not of_rules:
                return rounds
            self.loyalty.deliver(*of_cards)
            self.clients.deliver(*of_rules)
        raise AssertionError("they do not come to rest")

    def _news(self, service: Harness, name: str, *kinds: type) -> list:
        events = service.announced(*kinds)
        news, self._told[name] = events[self._told[name] :], len(events)
        return news

    def register(self, name: str, **said: object) -> Client:
        card: Client = self.clients.ask(RegisterClient(first_name=name, **said))
        return card

    def shown(self, client_id: UUID) -> Client:
        card: Client = self.clients.ask(ShowClient(client_id))
        return card


@pytest.fixture
def both(start: Start) -> Both:
    return Both(start)


def test_labels_come_to_rest(both: Both) -> None:
    """Also where what a rule gives is what another rule gives a discount for."""
    regulars = both.clients.ask(CreateClientCategory("Regulars"))
    both.loyalty.ask(
        PublishProgramme(
            version=1,
            rules=(
                {"kind": "segment", "name": "regulars", "category_ids": [str(regulars.id)], "reward": {"percent": 5}},
            ),
            sorting=({"category_id": str(regulars.id), "min_visits": 2}, {"importance": "gold", "min_visits": 3}),
        )
    )
    clara = both.register("Clara")
    for number in (1, 2):
        both.loyalty.deliver(completed(numbered(number), clara.id))
    both.settle()
    assert both.shown(clara.id).category_ids == (regulars.id,)
    assert both.loyalty.ask(ShowDiscount(clara.id)).discount_percent == 5
    both.clients.ask(ChangeClient(clara.id, 1, category_ids=()))
    both.loyalty.deliver(completed(numbered(3), clara.id))
    both.settle()
    card = both.shown(clara.id)
    assert (card.category_ids, card.importance) == ((), "gold")
    assert both.loyalty.ask(ShowDiscount(clara.id)).discount_percent == 0
    assert both.settle() == 0


def test_a_shared_contact_refuses_an_edge_until_it_is_gone(both: Both) -> None:
    """Loyalty hears the verdict and never the contact."""
    olga = both.register("Olga", email="olga@example.com")
    clara = both.register("Clara", email="Olga@example.com", referrer_id=olga.id)
    at = datetime.now(UTC)
    times = {"local_date": at.date(), "occurred_at": at, "starts": at, "ends": at + timedelta(minutes=5)}
    both.loyalty.deliver(completed(numbered(1), clara.id, **times))
    both.settle()
    assert both.loyalty.ask(ShowDiscount(olga.id)).discount_percent == 0
    assert both.loyalty.ask(ShowEdges(clara.id)).above[0].reasons == ("shared_contact",)
    both.clients.ask(ChangeClient(olga.id, 1, email="another@example.com"))
    both.settle()
    assert both.loyalty.ask(ShowDiscount(olga.id)).discount_percent == 3
    with both.loyalty.session() as session:
        kept = session.connection().exec_driver_sql("SELECT CAST(json_agg(claims) AS TEXT) FROM claims").scalar_one()
    assert "example" not in kept

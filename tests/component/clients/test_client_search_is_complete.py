"""Whoever searches finds exactly those whom going through all cards would find, of those that they may see."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from contracts.clients import ChangeClient, ImportClients, ImportedClient, ListClients, SearchClients, ShowClient
from kernel.caller import Caller
from services.clients.queries.candidates import RARE, WALKED_FIRST
from tests.builders import ELSEWHERE, HERE, OWNER, anna
from tests.component.clients.conftest import ANNA, BORIS, an_appointment
from tests.harness import Harness

THIRD = UUID("0190a000-0000-7000-8000-0000000000bb")
PEOPLE = WALKED_FIRST + 400
AT_ONCE = 350
QUESTIONS = 40
BOTH = anna("clients.read", marks=frozenset({"contacts"}), branch_ids=frozenset({HERE, THIRD}))
NOWHERE = anna("clients.read", marks=frozenset({"contacts"}), branch_ids=frozenset())
WITHOUT_CONTACTS = anna("clients.read")
OWN = "clients.read.own"


@dataclass
class Somebody:
    names: tuple[str, ...]
    phone: str
    email: str
    registered_at: datetime
    home: UUID | None
    id: UUID = field(default=UUID(int=0))
    visited: set[UUID] = field(default_factory=set)
    importance: str = "none"

    def fits(self, q: str, *, contacts: bool) -> bool:
        words = q.casefold().replace("ё", "е").split()
        names = [part for name in self.names for part in name.casefold().replace("ё", "е").split("-")]
        if all(any(name.startswith(word) for name in names) for word in words):
            return True
        return contacts and (self.phone == q or self.phone[-4:] == q or self.email == q.casefold())

    def seen_by(self, caller: Caller) -> bool:
        if caller.everywhere:
            return True
        if OWN in caller.permissions:
            return caller.client_id == self.id
        branches = {*self.visited, self.home} - {None}
        return not branches or bool(branches & caller.branch_ids)


def somebody(chance: Random, number: int) -> Somebody:
    """Names of few syllables, so that many begin alike: some with half of all people, some with one of a thousand."""
    syllables = ("ан", "ма", "рё", "ко", "на", "О", "лес")
    name = [
        "".join(chance.choices(syllables, [40, 20, 10, 5, 2, 1, 0.3], k=chance.randint(1, 3))).title() for _ in range(3)
    ]
    return Somebody(
        (name[0], f"{name[1]}-{name[2]}") if chance.random() < 0.2 else tuple(name[: chance.randint(1, 3)]),
        f"+7916{1_000_000 + number}",
        f"one{number}@example.com",
        datetime(2018, 3, 5, 12, tzinfo=UTC) + timedelta(minutes=chance.randrange(PEOPLE)),
        chance.choices((HERE, ELSEWHERE, THIRD, None), (60, 30, 1, 2))[0],
    )


def questions(chance: Random, people: list[Somebody]) -> Iterator[str]:
    for one in chance.choices(people, k=QUESTIONS):
        words = [word for name in one.names for word in name.split("-")]
        some = chance.sample(words, chance.randint(1, len(words)))
        beginnings = " ".join(word[: chance.randint(2, 6)] for word in some)
        yield chance.choice((beginnings, beginnings.upper(), one.phone, one.phone[-4:], one.email.upper()))


@pytest.fixture
def people(salon: Harness) -> list[Somebody]:
    """Taken over, and then some moved to another home, or to none, and some had appointments elsewhere."""
    chance = Random(4)
    made = [somebody(chance, number) for number in range(PEOPLE)]
    for first in range(0, PEOPLE, AT_ONCE):
        part = made[first : first + AT_ONCE]
        taken = salon.ask(ImportClients(tuple(_said(one, first + at) for at, one in enumerate(part)))).items
        for one, each in zip(part, taken, strict=True):
            one.id = each.id
    for one in chance.sample(made, 30):
        one.home = chance.choice((HERE, ELSEWHERE, THIRD, None))
        salon.ask(ChangeClient(one.id, 1, home_branch_id=one.home))
    for one in chance.sample(made, 20):
        one.importance = chance.choice(("gold", "silver"))
        card = salon.ask(ShowClient(one.id))
        salon.ask(ChangeClient(one.id, card.version, importance=one.importance))
    for one in chance.sample(made, 60):
        branch = chance.choice((HERE, ELSEWHERE, THIRD))
        one.visited.add(branch)
        salon.deliver(an_appointment(one.id, branch))
    return sorted(made, key=lambda one: (one.registered_at, one.id))


def _said(one: Somebody, number: int) -> ImportedClient:
    return ImportedClient(
        one.names[0],
        last_name=one.names[1] if len(one.names) > 1 else None,
        patronymic=one.names[2] if len(one.names) > 2 else None,
        phones=(one.phone,),
        email=one.email,
        home_branch_id=one.home,
        registered_at=one.registered_at,
        reference=str(number),
    )


def found(
    salon: Harness, request: type[SearchClients | ListClients], q: str | None, caller: Caller, **labels: str
) -> list[UUID]:
    ids: list[UUID] = []
    cursor = None
    while True:
        page = salon.ask(request(q=q, limit=50, cursor=cursor, **labels), caller)
        ids += [one.id for one in page.items]
        if page.next is None:
            return ids
        cursor = page.next


def test_what_is_found_is_what_going_through_all_cards_finds(salon: Harness, people: list[Somebody]) -> None:
    chance = Random(5)
    asked = list(questions(chance, people))
    rare = [q for q in asked if 0 < sum(one.fits(q, contacts=True) for one in people) * RARE < len(people)]
    assert rare and len(rare) < len(asked)  # both what is walked to and what is gathered
    client = anna(OWN, marks=frozenset({"contacts"}), client_id=people[7].id)
    for q in [*asked, people[7].names[0]]:
        for caller in (OWNER, ANNA, BORIS, BOTH, NOWHERE, WITHOUT_CONTACTS, client):
            contacts = bool(caller.marks)
            expected = [one.id for one in people if one.seen_by(caller) and one.fits(q, contacts=contacts)]
            assert found(salon, SearchClients, q, caller) == expected, (q, caller)


def test_lists_hold_everybody_whom_the_caller_may_see(salon: Harness, people: list[Somebody]) -> None:
    for caller in (OWNER, ANNA, BORIS, BOTH, NOWHERE):
        seen = [one for one in people if one.seen_by(caller)]
        assert found(salon, ListClients, None, caller) == [one.id for one in seen]
        for importance in ("gold", "silver", "none"):
            of_it = [one for one in seen if one.importance == importance]
            assert found(salon, ListClients, None, caller, importance=importance) == [one.id for one in of_it]
            for q in ("ан", "ма", "рёан"):
                meant = [one.id for one in of_it if one.fits(q, contacts=True)]
                assert found(salon, ListClients, q, caller, importance=importance) == meant, (q, caller)

"""Very many client cards, each sealed under a key of its own, copied straight into the tables of clients."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Table, text

from bench.availability import NoBus
from chassis import assembly
from chassis.config import read
from chassis.database import connect, new_id
from deploy.demo.names import FAMILY, FEMALE, MAIL_HOSTS, MALE, PATRONYMICS, family_name
from deploy.postgres import PostgresServer
from services.clients import domain
from services.clients.tables import client_branches, clients, findable, search_index
from services.clients.vault import Vault

AT_ONCE = 5_000  # cards
BRANCHES = 10
SMALL = 1_000  # one of so many is in a small branch instead
MET = 2_000  # of whom questions are asked
WOMEN, WITH_PATRONYMIC = 0.7, 0.5
RARER = 0.985  # how much rarer each name is than the one before it in its list
COLUMNS: dict[Table, tuple[str, ...]] = {
    clients: (
        *("id", "version", "registered_at", "home_branch_id"),
        *("favourite_service_ids", "convenient_times", "person"),
    ),
    findable: ("client_id", "registered_at", "entries", "branch_ids"),
    search_index: ("kind", "value", "client_id", "shared"),
    client_branches: ("client_id", "branch_id"),
}


@dataclass(frozen=True)
class Met:
    """Somebody in the crowd."""

    id: UUID
    registered_at: datetime
    names: tuple[str, str]
    phone: str
    email: str


def found(home: Path, count: int, branch: UUID, small_branch: UUID) -> tuple[Met, ...]:
    """`count` cards in the cluster that runs at `home`, one of ten in `branch`; some of them, met at random."""
    socket = PostgresServer.socket_of_running(home / "postgres")
    assert socket
    databases = {name: f"postgresql+psycopg://postgres@/{name}?host={socket}" for name in ("clients", "clients_keys")}
    settings = replace(read({}), keys=home / "keys" / "all", databases=databases, workers=2)
    dispatcher = assembly.assemble("clients", settings, NoBus(), lambda: None)
    engine = connect(databases["clients"], 1)
    chance = Random(count)
    branches = [branch, *(uuid4() for _ in range(BRANCHES - 1))]
    cards, met = _cards(chance, count, branches, small_branch), []
    try:
        with _bare(engine) as connection:
            while some := list(islice(cards, AT_ONCE)):
                _copy(connection, some, dispatcher.instance.vault)
                met += [_met(card) for card in chance.sample(some, len(some) * MET // count)]
    finally:
        dispatcher.close()
        engine.dispose()
    return tuple(met)


@contextmanager
def _bare(engine: Engine) -> Iterator[Connection]:
    """A connection on which nothing is checked, and the inverted index is made when everything is there."""
    (inverted,) = (index for index in findable.indexes if index.dialect_options["postgresql"]["using"] == "gin")
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        inverted.drop(connection)
        yield connection
        inverted.create(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM ANALYZE {', '.join(table.name for table in COLUMNS)}"))


def _copy(connection: Connection, cards: Sequence[domain.Card], vault: Vault) -> None:
    keys = vault.make_keys(cards)
    rows: dict[Table, Iterator[tuple[Any, ...]]] = {
        clients: (
            (card.id, 1, card.registered_at, card.home_branch_id, [], "[]", vault.seal(card, keys[card.id]).person)
            for card in cards
        ),
        findable: ((card.id, card.registered_at, vault.findable(card.person), [card.home_branch_id]) for card in cards),
        search_index: ((kind, value, card.id, False) for card in cards for kind, value in vault.entries(card.person)),
        client_branches: ((card.id, card.home_branch_id) for card in cards),
    }
    cursor = connection.connection.cursor()
    for table, names in COLUMNS.items():
        with cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows[table]:
                copy.write_row(row)


def _cards(chance: Random, count: int, branches: Sequence[UUID], small_branch: UUID) -> Iterator[domain.Card]:
    """As many as there are in ten years, in the order in which they came."""
    now = datetime.now(UTC)
    phones = chance.sample(range(10_000_000), count)
    for number, phone in enumerate(phones):
        female = chance.random() < WOMEN
        patronymic = chance.choice(PATRONYMICS)[female] if chance.random() < WITH_PATRONYMIC else None
        yield domain.Card(
            id=new_id(),
            person=domain.Person(
                _one_of(chance, FEMALE if female else MALE),
                family_name(_one_of(chance, FAMILY), female=female),
                patronymic,
                phones=(f"+7972{phone:07d}",),
                email=f"client{number}@{chance.choice(MAIL_HOSTS)}",
            ),
            registered_at=now - timedelta(days=3650 * (1 - number / count)),
            home_branch_id=branches[number % BRANCHES] if number % SMALL else small_branch,
        )


def _one_of(chance: Random, names: Sequence[str]) -> str:
    return chance.choices(names, [RARER**place for place in range(len(names))])[0]


def _met(card: domain.Card) -> Met:
    person = card.person
    assert person.last_name
    assert person.email
    return Met(card.id, card.registered_at, (person.first_name, person.last_name), person.phones[0], person.email)

"""Who of the clients works here, as far as others are told: an account with a role besides that of clients."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete

from contracts.auth import ChangeUser, CreateUser, StaffCardChanged, User
from contracts.clients import ClientErased
from services.auth.tables import staff_cards
from tests.builders import CLARA, HERE
from tests.harness import Harness

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


@pytest.fixture
def office(start: Callable[..., Harness]) -> Harness:
    return start("auth")


def hire(office: Harness, login: str = "clara", client_id: UUID | None = CLARA, *roles: str) -> User:
    said: dict[str, Any] = {"login": login, "name": "Clara", "roles": roles or ("master",), "password": PASSWORD}
    user: User = office.ask(CreateUser(client_id=client_id, branch_ids=(HERE,), **said))
    return user


def told(office: Harness) -> list[tuple[UUID, int, bool]]:
    return [(one.client_id, one.version, one.staff) for one in office.announced(StaffCardChanged)]


def test_a_client_who_works_here_is_told_of(office: Harness) -> None:
    """Once, whatever else becomes of the account; and again when they have left."""
    user = hire(office)
    user = office.ask(ChangeUser(user.id, user.version, name="Clara Z."))
    user = office.ask(ChangeUser(user.id, user.version, roles=("administrator", "client")))
    assert told(office) == [(CLARA, 1, True)]
    user = office.ask(ChangeUser(user.id, user.version, active=False))
    office.ask(ChangeUser(user.id, user.version, active=True))
    assert told(office) == [(CLARA, 1, True), (CLARA, 2, False), (CLARA, 3, True)]


def test_another_role_makes_them_staff_and_a_clients_alone_does_not(office: Harness) -> None:
    user = hire(office, "clara", CLARA, "client")
    assert told(office) == []
    user = office.ask(ChangeUser(user.id, user.version, roles=("client", "master")))
    office.ask(ChangeUser(user.id, user.version, roles=("client",)))
    assert told(office) == [(CLARA, 1, True), (CLARA, 2, False)]


def test_staff_without_a_card_are_nobodys_business(office: Harness) -> None:
    hire(office, "olga", None)
    assert told(office) == []


def test_somebody_is_staff_by_any_of_their_accounts(office: Harness) -> None:
    """Two of them that end at the same moment leave the truth behind."""
    users = [hire(office, login) for login in ("clara", "clara2")]
    assert told(office) == [(CLARA, 1, True)]
    barrier = threading.Barrier(2)

    def send_away(user: User) -> None:
        barrier.wait()
        office.ask(ChangeUser(user.id, user.version, active=False))

    threads = [threading.Thread(target=send_away, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told(office) == [(CLARA, 1, True), (CLARA, 2, False)]


def test_whoever_is_erased_is_staff_no_more(office: Harness) -> None:
    hire(office)
    office.deliver(ClientErased(CLARA, 2, NOW))
    assert told(office) == [(CLARA, 1, True), (CLARA, 2, False)]


def test_an_older_installation_tells_of_its_staff_at_the_next_start(office: Harness) -> None:
    """Once."""
    hire(office)
    with office.session() as session:
        session.execute(delete(staff_cards))
        session.commit()
    before = len(told(office))
    office.dispatcher.started()
    office.dispatcher.started()
    assert told(office)[before:] == [(CLARA, 1, True)]

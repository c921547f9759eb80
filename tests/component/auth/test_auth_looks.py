"""How pages look to somebody: kept for those who work here, and told with who they are."""

from collections.abc import Callable

import pytest

from contracts.auth import ChangeLook, CreateUser, Look, ShowMe, SignIn
from kernel.caller import Caller
from kernel.errors import Forbidden, Unauthenticated
from tests.builders import CLARA, HERE, OWNER
from tests.harness import Harness

PASSWORD = "correct horse battery"


@pytest.fixture
def office(start: Callable[..., Harness]) -> Harness:
    return start("auth", owner_password=PASSWORD)


def somebody(office: Harness, login: str, **said: object) -> Caller:
    words: dict[str, object] = {"name": login.title(), "role": "master", "branch_ids": (HERE,), "password": PASSWORD}
    office.ask(CreateUser(login, **(words | said)), OWNER)
    pair = office.ask(SignIn(login, PASSWORD), None)
    return office.keys.verifier().verify(pair.access_token)


def test_what_was_chosen_stays_until_something_else_is_said(office: Harness) -> None:
    olga = somebody(office, "olga")
    assert office.ask(ShowMe(), olga).look == Look()
    assert office.ask(ChangeLook(language="ru", clock="12"), olga).look == Look("ru", clock="12")
    assert office.ask(ChangeLook(theme="dark", clock=None), olga).look == Look("ru", "dark")
    assert office.ask(ShowMe(), olga).look == Look("ru", "dark")


def test_on_another_device_it_is_told_with_the_new_session(office: Harness) -> None:
    olga, nina = somebody(office, "olga"), somebody(office, "nina")
    office.ask(ChangeLook(names="last_first"), olga)
    assert office.ask(SignIn("olga", PASSWORD), None).user.look == Look(names="last_first")
    assert office.ask(ShowMe(), nina).look == Look()


def test_nothing_is_kept_of_clients_nor_of_nobody(office: Harness) -> None:
    clara = somebody(office, "clara", role="client", branch_ids=(), client_id=CLARA)
    with pytest.raises(Forbidden, match="devices"):
        office.ask(ChangeLook(theme="dark"), clara)
    with pytest.raises(Unauthenticated):
        office.ask(ChangeLook(theme="dark"), None)

"""Clients who have an account: what is told of it with everything else about them, and what their erasure leaves."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from chassis.wire import encode
from contracts.auth import (
    CreateUser,
    ExportFromAuth,
    ListEndedSessions,
    RefreshSession,
    Session,
    ShowUser,
    SignIn,
    User,
)
from contracts.clients import ClientErased, PersonalDataHandled
from kernel.errors import Forbidden, Refusal, Unauthenticated
from services.auth.tables import users
from tests.builders import CLARA, OWNER, a_service
from tests.harness import Harness

PASSWORD = "correct horse battery staple"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLIENTS = a_service("clients")


@pytest.fixture
def auth(start: Callable[..., Harness]) -> Harness:
    return start("auth")


def an_account(auth: Harness, login: str = "tsetkin", client_id: UUID | None = CLARA) -> User:
    said: dict[str, Any] = {"login": login, "name": "Клара Цеткина", "role": "client", "password": PASSWORD}
    account: User = auth.ask(CreateUser(client_id=client_id, **said))
    return account


def sign_in(auth: Harness, login: str, address: str = "192.0.2.7") -> Session:
    session: Session = auth.ask(SignIn(login, PASSWORD, address), None)
    return session


def refused(kind: type[Refusal], ask: Callable[[], object]) -> None:
    with pytest.raises(kind):
        ask()


def test_an_account_is_told_with_its_sessions_and_the_journal(auth: Harness) -> None:
    """Where others were when they did something to the client is not among it."""
    account, other = an_account(auth), an_account(auth, "zetkin", UUID(int=77))
    sign_in(auth, "tsetkin")
    sign_in(auth, "zetkin", "192.0.2.9")
    auth.deliver(PersonalDataHandled("client.exported", "client", NOW, CLARA, OWNER.id))
    held = auth.ask(ExportFromAuth(CLARA), CLIENTS)
    (told,) = held.accounts
    assert (told.user.login, told.user.name, len(told.sessions)) == ("tsetkin", "Клара Цеткина", 1)
    assert {"user.created", "client.exported"} <= {one.action for one in held.journal}
    assert {one.address for one in held.journal} == {None, "192.0.2.7"}
    assert str(other.id) not in encode(held).decode()
    assert account.id == told.user.id


def test_what_was_done_to_a_card_before_it_became_part_of_another_is_told(auth: Harness) -> None:
    merged = UUID(int=78)
    account = an_account(auth, client_id=merged)
    auth.deliver(PersonalDataHandled("client.exported", "client", NOW, merged, OWNER.id))
    held = auth.ask(ExportFromAuth(CLARA, (merged,)), CLIENTS)
    assert [one.user.id for one in held.accounts] == [account.id]
    assert "client.exported" in {one.action for one in held.journal}


def test_erasure_blanks_the_account_and_ends_its_sessions(auth: Harness) -> None:
    account = an_account(auth)
    kept = an_account(auth, "zetkin", UUID(int=77))
    session = sign_in(auth, "tsetkin")
    auth.deliver(ClientErased(CLARA, 2, NOW, OWNER.id))
    shown = auth.ask(ShowUser(account.id))
    assert (shown.active, shown.login, shown.name) == (False, f"erased-{account.id}", "erased")
    refused(Unauthenticated, lambda: sign_in(auth, "tsetkin"))
    refused(Unauthenticated, lambda: sign_in(auth, shown.login))
    refused(Unauthenticated, lambda: auth.ask(RefreshSession(session.refresh_token), None))
    assert len(auth.ask(ListEndedSessions(), a_service("gateway")).items) == 1
    assert auth.ask(ShowUser(kept.id)).login == "zetkin"
    with auth.session() as database:
        row = database.execute(select(users).where(users.c.id == account.id)).one()
        assert "tsetkin" not in str(row)
        assert auth.dispatcher.instance.verify_journal(database)


def test_an_erasure_heard_twice_and_of_somebody_without_an_account_changes_nothing(auth: Harness) -> None:
    account = an_account(auth)
    auth.deliver(ClientErased(CLARA, 2, NOW), ClientErased(CLARA, 2, NOW), ClientErased(UUID(int=5), 2, NOW))
    assert auth.ask(ShowUser(account.id)).login == f"erased-{account.id}"


def test_only_services_ask_for_what_is_held(auth: Harness) -> None:
    refused(Forbidden, lambda: auth.ask(ExportFromAuth(CLARA), OWNER))

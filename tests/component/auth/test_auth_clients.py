"""Clients who have an account: what is told of it with everything else about them, and what their erasure leaves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from chassis.outbox import replies
from chassis.wire import encode
from contracts.auth import (
    ChangeUser,
    CreateUser,
    ExportFromAuth,
    ListEndedSessions,
    ListJournal,
    ListUsers,
    RefreshSession,
    Session,
    ShowUser,
    SignIn,
    User,
)
from contracts.clients import ClientErased, PersonalDataHandled
from kernel.errors import Conflict, Forbidden, Refusal, Unauthenticated
from services.auth import queries
from services.auth.tables import journal, tables, users
from tests.builders import CLARA, HERE, OWNER, a_service
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


# --- how it is kept ---------------------------------------------------------------------------------------------------


def dumped(auth: Harness) -> str:
    """Every row of auth, as it would stand in a dump."""
    with auth.session() as database:
        return str([database.execute(select(table)).all() for table in tables.tables.values()])


def copied(auth: Harness) -> tuple[list[Any], list[Any]]:
    """Users and journal as a dump would keep them."""
    with auth.session() as database:
        return list(database.execute(queries.people()).all()), list(database.execute(select(journal)).all())


def test_an_account_of_a_client_is_sealed(auth: Harness) -> None:
    an_account(auth)
    sign_in(auth, " TSETKIN ")
    assert "tsetkin" not in dumped(auth).casefold()
    assert "tsetkin" in [one.login for one in auth.ask(ListUsers()).items]


def test_a_copy_from_before_an_erasure_tells_nothing_of_the_account(auth: Harness) -> None:
    """Neither what they were called nor where they were, of which the journal keeps the ciphertext for ever."""
    account = an_account(auth)
    sign_in(auth, "tsetkin")
    refused(Unauthenticated, lambda: auth.ask(SignIn("tsetkin", "wrong", "192.0.2.8"), None))
    people, entries = copied(auth)
    vault = auth.dispatcher.instance.keys.vault
    (before,) = (row for row in people if row.id == account.id)
    assert (vault.login(before), vault.name(before)) == ("tsetkin", "Клара Цеткина")
    assert {"192.0.2.7", "192.0.2.8"} <= {one.address for one in queries.entry_views(entries, vault)}
    auth.deliver(ClientErased(CLARA, 2, NOW))
    assert (vault.login(before), vault.name(before)) == ("", "")
    assert {one.address for one in queries.entry_views(entries, vault)} == {None}
    assert {one.address for one in auth.ask(ListJournal()).items} == {None}
    with auth.session() as database:
        assert auth.dispatcher.instance.verify_journal(database)


def test_staff_and_clients_cannot_have_one_login(auth: Harness) -> None:
    an_account(auth)
    staff = CreateUser(login="Tsetkin", name="Anna", role="marketer", branch_ids=(HERE,), password=PASSWORD)
    refused(Conflict, lambda: auth.ask(staff))
    auth.ask(replace(staff, login="anna"))
    refused(Conflict, lambda: an_account(auth, "ANNA"))


def test_accounts_from_before_there_were_keys_are_sealed_at_the_next_start(auth: Harness) -> None:
    account = an_account(auth)
    vault = auth.dispatcher.instance.keys.vault
    plain = vault.sealed_names(account.id, "tsetkin", "Клара Цеткина", own=False)
    with auth.session() as database, database.begin():
        database.execute(update(users).where(users.c.id == account.id).values(**plain))
    sign_in(auth, "tsetkin")
    auth.dispatcher.started()
    assert "tsetkin" not in dumped(auth)
    assert auth.ask(ShowUser(account.id)).name == "Клара Цеткина"
    sign_in(auth, "tsetkin")


def test_a_name_of_a_client_changes_under_its_key(auth: Harness) -> None:
    account = an_account(auth)
    changed = auth.ask(ChangeUser(id=account.id, version=account.version, name="Клара Эйснер"))
    assert (changed.login, changed.name) == ("tsetkin", "Клара Эйснер")
    session = sign_in(auth, "tsetkin")
    assert session.user.name == "Клара Эйснер"


def test_the_answer_for_a_retry_goes_with_the_person(auth: Harness) -> None:
    said: dict[str, Any] = {"login": "tsetkin", "name": "Клара", "role": "client", "password": PASSWORD}
    auth.ask(CreateUser(client_id=CLARA, **said), key="a-key")
    with auth.session() as database:
        assert len(database.execute(select(replies)).all()) == 1
    auth.deliver(ClientErased(CLARA, 2, NOW))
    with auth.session() as database:
        assert database.execute(select(replies)).all() == []


@pytest.mark.parametrize("client_id", [None, CLARA])
def test_damage_is_told_by_id_and_hides_no_other_user(auth: Harness, client_id: UUID | None) -> None:
    role = "client" if client_id else "marketer"
    said: dict[str, Any] = {"login": "tsetkin", "name": "Клара", "role": role, "password": PASSWORD}
    account = auth.ask(CreateUser(client_id=client_id, branch_ids=(HERE,), **said))
    other = an_account(auth, "zetkin", UUID(int=77))
    with auth.session() as database, database.begin():
        moved = select(users.c.name).where(users.c.id == other.id).scalar_subquery()
        database.execute(update(users).where(users.c.id == account.id).values(name=moved))
    shown = {one.id: one.name for one in auth.ask(ListUsers()).items}
    assert (shown[account.id], shown[other.id]) == ("", "Клара Цеткина")
    assert sign_in(auth, "tsetkin").user.name == ""
    with auth.session() as database:
        assert list(auth.dispatcher.instance.unreadable(database)) == [("user name", account.id)]

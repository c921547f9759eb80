"""Signing in, refreshing, signing out, passwords and throttling over a real database."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Interval, literal, select, text, update

from chassis import migrations
from chassis.outbox import bus_metadata
from contracts.auth import (
    ChangePassword,
    ChangeUser,
    CreateUser,
    ListEndedSessions,
    ListUsers,
    RefreshSession,
    Session,
    SessionsEnded,
    ShowMe,
    SignIn,
    SignOut,
)
from contracts.permissions import WORDS
from kernel.caller import Caller
from kernel.errors import Forbidden, Invalid, Refusal, Throttled, Unauthenticated
from services.auth.tables import refresh_tokens, sessions, sign_in_failures, tables
from tests.builders import OWNER, a_service
from tests.harness import Harness

PASSWORD = "correct horse battery"


@pytest.fixture
def door(start: Callable[..., Harness]) -> Harness:
    return start("auth", owner_password=PASSWORD)


def sign_in(door: Harness, login: str = "owner", password: str = PASSWORD, address: str | None = None) -> Session:
    return door.ask(SignIn(login, password, address), None)


def who(door: Harness, pair: Session) -> Caller:
    return door.keys.verifier().verify(pair.access_token)


def refused(kind: type[Refusal], code: str, ask: Callable[[], object]) -> Refusal:
    with pytest.raises(kind) as caught:
        ask()
    assert caught.value.code == code
    return caught.value


def pass_time(door: Harness, passed: timedelta) -> None:
    """Everything that has a time happened so much earlier."""
    with door.session() as session:
        for table in (sessions, refresh_tokens, sign_in_failures):
            times = {
                c.name: c - literal(passed, Interval())
                for c in table.c
                if c.name.endswith("_at") or c.name == "tokens_until"
            }
            session.execute(update(table).values(times))
        session.commit()


# --- signing in -----------------------------------------------------------------------------------------------------


def test_tables_in_code_are_those_of_the_migrations(door: Harness) -> None:
    """The database after the migrations is what tables.py describes."""
    with door.dispatcher.engine.connect() as connection:
        assert migrations.differences(connection, tables, bus_metadata) == []


def test_the_first_owner_signs_in(door: Harness) -> None:
    """With the password that was given; the token says what they may, and they are told so."""
    pair = sign_in(door)
    caller = who(door, pair)
    assert (pair.token_type, pair.expires_in) == ("Bearer", door.settings.access_token_seconds)
    assert (caller.everywhere, caller.permissions, caller.kind) == (True, frozenset({"*"}), "user")
    assert (pair.user.login, pair.user.name, pair.user.roles) == ("owner", "Owner", ("owner",))
    assert set(pair.user.permissions) == WORDS
    assert pair.user.branch_ids == ()
    assert door.ask(ShowMe(), caller) == pair.user
    assert door.dispatcher.missing() == []


def test_logins_are_compared_without_case(door: Harness) -> None:
    """OWNER is owner."""
    assert sign_in(door, "OWNER").user.login == "owner"


def test_without_an_owner_the_service_is_not_ready(start: Callable[..., Harness]) -> None:
    """No password was given, so there is nobody; a later start with one makes them, and no further one changes them."""
    door = start("auth", owner_password=None)
    assert door.dispatcher.missing() == ["first owner"]
    for password in (PASSWORD, "another password"):
        type(door.dispatcher.instance).settings = type(door.settings)(
            **{**vars(door.settings), "owner_password": password}
        )
        door.dispatcher.started()
    assert door.dispatcher.missing() == []
    assert sign_in(door).user.login == "owner"
    assert len(door.ask(ListUsers()).items) == 1


def test_the_answer_does_not_tell_what_was_wrong(door: Harness) -> None:
    """An unknown login, a wrong password and a user who may not any more look the same."""
    anna = door.ask(CreateUser("anna", "Anna", role="master", password=PASSWORD))
    door.ask(ChangeUser(anna.id, 1, active=False))
    answers = [
        door.answer(SignIn(*said), None).error for said in (("nobody", PASSWORD), ("owner", "x"), ("anna", PASSWORD))
    ]
    assert {(error.kind, error.code, error.message) for error in answers} == {
        ("unauthenticated", "sign_in_failed", "the login or the password is wrong")
    }


def test_nothing_that_opens_a_door_is_in_the_database(door: Harness) -> None:
    """Neither passwords, tokens, names of staff nor what was typed as a login."""
    pair = sign_in(door)
    again = door.ask(RefreshSession(pair.refresh_token, "a retry key"), None)
    door.ask(CreateUser("anna", "Anna Ivanova", role="master", password="anna's password"))
    refused(Unauthenticated, "sign_in_failed", lambda: sign_in(door, "my secret password", "x", "10.1.2.3"))
    with door.session() as session:
        names = session.scalars(text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"))
        kept = " ".join(
            str(row) for name in names for row in session.execute(text(f"SELECT t::text FROM {name} t")).all()
        )
    secrets = (
        PASSWORD,
        pair.refresh_token,
        again.refresh_token,
        "Ivanova",
        "my secret password",
        "10.1.2.3",
        "retry key",
    )
    for secret in secrets:
        assert secret not in kept
        assert secret.encode().hex() not in kept


# --- throttling -----------------------------------------------------------------------------------------------------


def test_after_five_failures_a_login_has_to_wait(door: Harness) -> None:
    """The right password, too; ever longer; a success after the wait makes good."""
    for _ in range(5):
        refused(Unauthenticated, "sign_in_failed", lambda: sign_in(door, password="wrong"))
    first = refused(Throttled, "too_many_sign_ins", lambda: sign_in(door))
    assert 0 < first.details["retry_after"] <= 30
    pass_time(door, timedelta(seconds=31))
    refused(Unauthenticated, "sign_in_failed", lambda: sign_in(door, password="wrong"))
    assert 30 < refused(Throttled, "too_many_sign_ins", lambda: sign_in(door)).details["retry_after"] <= 60
    pass_time(door, timedelta(seconds=61))
    sign_in(door)
    for _ in range(4):
        refused(Unauthenticated, "sign_in_failed", lambda: sign_in(door, password="wrong"))
    sign_in(door)


def test_unknown_logins_are_counted_alike(door: Harness) -> None:
    """Or one could tell by waiting which logins there are."""
    for _ in range(5):
        refused(Unauthenticated, "sign_in_failed", lambda: sign_in(door, "nobody"))
    refused(Throttled, "too_many_sign_ins", lambda: sign_in(door, "nobody"))
    sign_in(door)


def test_an_address_that_tries_many_logins_has_to_wait(door: Harness) -> None:
    """Thirty failures of one address; others come in."""
    for number in range(100):
        refused(Unauthenticated, "sign_in_failed", lambda n=number: sign_in(door, f"login{n}", "x", "10.0.0.1"))
    refused(Throttled, "too_many_sign_ins", lambda: sign_in(door, address="10.0.0.1"))
    sign_in(door, address="10.0.0.2")


def test_many_guesses_at_one_moment_are_counted_one_by_one(door: Harness) -> None:
    """Twelve threads cannot try more than the failures that are free plus those that run at once."""
    outcomes: list[str] = []

    def guess() -> None:
        answer = door.answer(SignIn("owner", "wrong"), None)
        outcomes.append(answer.error.code if answer.error else "ok")

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with door.session() as session:
        counted = session.scalar(select(sign_in_failures.c.failures))
    assert counted == outcomes.count("sign_in_failed") >= 5
    refused(Throttled, "too_many_sign_ins", lambda: sign_in(door))


# --- refreshing -----------------------------------------------------------------------------------------------------


def test_a_refresh_token_works_once(door: Harness) -> None:
    """Each refresh gives a new pair of the same session; a used token ends all of it."""
    first = sign_in(door)
    second = door.ask(RefreshSession(first.refresh_token), None)
    third = door.ask(RefreshSession(second.refresh_token), None)
    assert who(door, first).session_id == who(door, third).session_id
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    refused(Unauthenticated, "refresh_token_reused", lambda: door.ask(RefreshSession(first.refresh_token), None))
    refused(Unauthenticated, "refresh_token_invalid", lambda: door.ask(RefreshSession(third.refresh_token), None))
    refused(Unauthenticated, "session_ended", lambda: door.ask(ShowMe(), who(door, third)))
    (told,) = door.announced(SessionsEnded)
    assert [one.session_id for one in told.sessions] == [who(door, first).session_id]


def test_a_retry_with_the_same_key_gets_the_same_pair(door: Harness) -> None:
    """For half a minute, and only with the key that the first one had."""
    first = sign_in(door)
    ask = RefreshSession(first.refresh_token, "key-1")
    assert door.ask(ask, None) == door.ask(ask, None)
    pass_time(door, timedelta(seconds=31))
    refused(Unauthenticated, "refresh_token_reused", lambda: door.ask(ask, None))
    other = sign_in(door)
    door.ask(RefreshSession(other.refresh_token, "key-1"), None)
    wrong = RefreshSession(other.refresh_token, "key-2")
    refused(Unauthenticated, "refresh_token_reused", lambda: door.ask(wrong, None))


def test_of_simultaneous_uses_of_a_token_one_wins(door: Harness) -> None:
    """With a key all get the same pair; without one the session ends."""
    for key, ends in (("key", False), (None, True)):
        pair = sign_in(door)
        answers: list[object] = []

        def use(pair: Session = pair, key: str | None = key, answers: list[object] = answers) -> None:
            answer = door.answer(RefreshSession(pair.refresh_token, key), None)
            answers.append(answer.error.code if answer.error else bytes(answer.ok))

        threads = [threading.Thread(target=use) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pairs = {answer for answer in answers if isinstance(answer, bytes)}
        assert len(pairs) == 1
        assert any(isinstance(answer, str) for answer in answers) is ends


def test_a_session_ends_by_itself(door: Harness) -> None:
    """After its longest life, and after its longest pause."""
    idle = sign_in(door)
    pass_time(door, timedelta(minutes=door.settings.session_idle_minutes + 1))
    refused(Unauthenticated, "session_ended", lambda: door.ask(RefreshSession(idle.refresh_token), None))
    pair = sign_in(door)
    for _ in range(5):
        pass_time(door, timedelta(days=door.settings.session_days / 5 - 0.5))
        pair = door.ask(RefreshSession(pair.refresh_token), None)
    pass_time(door, timedelta(days=3))
    refused(Unauthenticated, "session_ended", lambda: door.ask(RefreshSession(pair.refresh_token), None))


def test_an_invented_token_is_refused(door: Harness) -> None:
    """As is an access token in its place."""
    for token in ("invented", sign_in(door).access_token):
        refused(Unauthenticated, "refresh_token_invalid", lambda t=token: door.ask(RefreshSession(t), None))


# --- ending ---------------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session_everywhere(door: Harness) -> None:
    """It is announced, listed for those who start later, and its refresh token is worthless."""
    pair, other = sign_in(door), sign_in(door)
    caller = who(door, pair)
    assert door.ask(SignOut(), caller).session_id == caller.session_id
    refused(Unauthenticated, "refresh_token_invalid", lambda: door.ask(RefreshSession(pair.refresh_token), None))
    refused(Unauthenticated, "session_ended", lambda: door.ask(ShowMe(), caller))
    door.ask(SignOut(), caller)
    (told,) = door.announced(SessionsEnded)
    gateway = a_service("gateway")
    assert door.ask(ListEndedSessions(), gateway).items == told.sessions
    assert told.sessions[0].session_id == caller.session_id
    pass_time(door, timedelta(seconds=door.settings.access_token_seconds + 1))
    assert door.ask(ListEndedSessions(), gateway).items == ()
    door.ask(ShowMe(), who(door, other))
    refused(Forbidden, "permission_missing", lambda: door.ask(ListEndedSessions(), OWNER))


def test_a_new_password_ends_the_other_sessions(door: Harness) -> None:
    """This one goes on; the old password is worth nothing."""
    here, there = sign_in(door), sign_in(door)
    change = ChangePassword(PASSWORD, "a better password")
    assert door.ask(change, who(door, here)).login == "owner"
    door.ask(ShowMe(), who(door, here))
    door.ask(RefreshSession(here.refresh_token), None)
    refused(Unauthenticated, "session_ended", lambda: door.ask(ShowMe(), who(door, there)))
    refused(Unauthenticated, "refresh_token_invalid", lambda: door.ask(RefreshSession(there.refresh_token), None))
    refused(Unauthenticated, "sign_in_failed", lambda: sign_in(door))
    sign_in(door, password="a better password")


def test_the_current_password_has_to_be_right(door: Harness) -> None:
    """And guessing it is counted like guessing at the door."""
    caller = who(door, sign_in(door))
    wrong = ChangePassword("not mine", "a better password")
    for _ in range(5):
        refusal = refused(Invalid, "password_wrong", lambda: door.ask(wrong, caller))
        assert list(refusal.details["errors"]) == ["current"]
    refused(Throttled, "too_many_sign_ins", lambda: door.ask(wrong, caller))
    refused(Throttled, "too_many_sign_ins", lambda: sign_in(door))

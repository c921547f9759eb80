"""Codes to phones over a real database: who gets one, what a wrong one costs, and the session that one begins."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Interval, literal, select, update

from contracts.auth import (
    ChangeUser,
    CheckConfirmation,
    CodeSignIn,
    ConfirmPhone,
    CreateUser,
    ListJournal,
    ListOutgoingCodes,
    ListUsers,
    OutgoingCode,
    SendCode,
    SentCode,
    ShowMe,
    SignIn,
    SignInWithCode,
    SignOut,
)
from contracts.clients import CardOfPhone, CardsOfPhone, ClientErased, ListCardsOfPhone
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Gone, Invalid, Refusal, Throttled, Unauthenticated
from kernel.time import utc_now
from services.auth.domain import CLIENT, MOST_CODES, TRIES
from services.auth.tables import codes, outgoing_codes
from tests.builders import CLARA, OWNER, a_service, anna
from tests.harness import Harness

PHONE = "+79031234567"
DAUGHTER = UUID(int=78)
BOOKING = a_service("booking")
CLARAS, EVAS = CardOfPhone(CLARA, "Клара"), CardOfPhone(DAUGHTER, "Ева")
CARDS = {PHONE: (CLARAS,), "+79030000002": (CLARAS, EVAS)}


@pytest.fixture
def auth(start: Callable[..., Harness]) -> Harness:
    harness = start("auth")
    harness.others.answers[ListCardsOfPhone] = lambda asked: CardsOfPhone(CARDS.get(asked.phone, ()))
    return harness


def send(auth: Harness, phone: str = PHONE, for_what: str = "sign_in", address: str | None = None) -> SentCode:
    return auth.ask(SendCode(phone, for_what, address=address), None)


def outbox(auth: Harness, caller: Caller = OWNER) -> tuple[OutgoingCode, ...]:
    return auth.ask(ListOutgoingCodes(), caller).items


def told(auth: Harness, sent: SentCode) -> str:
    """The code, as whoever reads the outbox tells it."""
    return next(one.code for one in outbox(auth) if one.id == sent.id)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def signed_in(auth: Harness, phone: str = PHONE, client_id: UUID | None = None) -> CodeSignIn:
    sent = send(auth, phone)
    return auth.ask(SignInWithCode(sent.id, told(auth, sent), client_id), None)


def pass_time(auth: Harness, passed: timedelta) -> None:
    """Every code was sent so much earlier."""
    with auth.session() as session:
        times = ("sent_at", "expires_at", "confirmed_until", "used_at")
        session.execute(update(codes).values({name: codes.c[name] - literal(passed, Interval()) for name in times}))
        session.commit()


def refused(kind: type[Refusal], code: str, ask: Callable[[], object]) -> Refusal:
    with pytest.raises(kind) as caught:
        ask()
    assert caught.value.code == code
    return caught.value


# --- sending --------------------------------------------------------------------------------------------------------


def test_every_phone_gets_a_code_and_nobody_is_asked_whose_it_is(auth: Harness) -> None:
    """Known, shared and unknown ones get the same answer, and clients never hears of it."""
    for phone in (*CARDS, "+79039999999"):
        sent = send(auth, phone)
        assert len(told(auth, sent)) == 6
        assert (sent.expires_at - sent.again_at) == timedelta(minutes=9)
    assert auth.others.asked == []


def test_what_can_be_no_phone_is_refused(auth: Harness) -> None:
    problem = refused(Invalid, "phone_invalid", lambda: send(auth, "call me"))
    assert "phone" in problem.details["errors"]


def test_one_code_a_minute_goes_to_a_phone_in_whatever_spelling(auth: Harness) -> None:
    send(auth)
    wait = refused(Throttled, "code_too_soon", lambda: send(auth, "8 (903) 123-45-67"))
    assert 0 < wait.details["retry_after"] <= 60
    pass_time(auth, timedelta(seconds=61))
    send(auth)


def test_a_phone_gets_only_so_many_codes_an_hour(auth: Harness) -> None:
    for _ in range(MOST_CODES["phone"]):
        send(auth)
        pass_time(auth, timedelta(minutes=2))
    wait = refused(Throttled, "too_many_codes", lambda: send(auth))
    assert 45 * 60 < wait.details["retry_after"] <= 60 * 60
    pass_time(auth, timedelta(minutes=51))
    send(auth)


def test_an_address_gets_only_so_many_codes_an_hour_for_whatever_phones(auth: Harness) -> None:
    for number in range(MOST_CODES["address"]):
        send(auth, f"+790300001{number:02}", address="192.0.2.7")
    refused(Throttled, "too_many_codes", lambda: send(auth, address="192.0.2.7"))
    send(auth, address="192.0.2.8")


def test_of_many_who_ask_at_one_moment_one_is_sent_a_code(auth: Harness) -> None:
    outcomes: list[str] = []

    def ask() -> None:
        try:
            send(auth)
            outcomes.append("sent")
        except Throttled as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["code_too_soon"] * 5 + ["sent"]


def test_neither_the_phone_nor_the_code_can_be_read_in_the_database(auth: Harness) -> None:
    code = told(auth, send(auth))
    with auth.session() as session:
        kept = [*session.execute(select(codes)).one(), *session.execute(select(outgoing_codes)).one()]
    text = b"".join(value for value in kept if isinstance(value, bytes))
    assert PHONE.encode() not in text
    assert code.encode() not in text


# --- taking one back ------------------------------------------------------------------------------------------------


def test_a_wrong_code_counts_and_the_fifth_ends_it(auth: Harness) -> None:
    """Though each is refused; then the right one is of no use either, and it is not shown any more."""
    sent = send(auth)
    code = told(auth, sent)
    left = [
        refused(Invalid, "code_wrong", lambda: auth.ask(SignInWithCode(sent.id, other_than(code)), None)).details[
            "tries_left"
        ]
        for _ in range(TRIES)
    ]
    assert left == [4, 3, 2, 1, 0]
    refused(Gone, "code_expired", lambda: auth.ask(SignInWithCode(sent.id, code), None))
    assert outbox(auth) == ()
    assert [one.action for one in auth.ask(ListJournal()).items].count("code.refused") == TRIES


def test_clients_is_asked_for_a_right_code_only(auth: Harness) -> None:
    """So neither the answer to a wrong one nor the time that it takes tells whether the phone is known."""
    sent = send(auth)
    code = told(auth, sent)
    refused(Invalid, "code_wrong", lambda: auth.ask(SignInWithCode(sent.id, other_than(code)), None))
    assert auth.others.asked == []
    auth.ask(SignInWithCode(sent.id, code), None)
    assert auth.others.asked == [ListCardsOfPhone(PHONE)]


def test_guesses_at_one_moment_have_no_more_tries_than_one_after_another(auth: Harness) -> None:
    sent = send(auth)
    code = told(auth, sent)
    outcomes: list[str] = []

    def guess() -> None:
        try:
            auth.ask(SignInWithCode(sent.id, other_than(code)), None)
        except Refusal as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("code_wrong") == TRIES
    assert outcomes.count("code_expired") == 3


def test_a_code_is_of_no_use_after_ten_minutes_after_its_use_and_for_another_purpose(auth: Harness) -> None:
    sent = send(auth)
    code = told(auth, sent)
    refused(Gone, "code_expired", lambda: auth.ask(ConfirmPhone(sent.id, code), None))
    auth.ask(SignInWithCode(sent.id, code), None)
    auth.ask(SignInWithCode(sent.id, code), None)  # whoever presses twice has lost the first answer
    pass_time(auth, timedelta(seconds=31))
    refused(Gone, "code_expired", lambda: auth.ask(SignInWithCode(sent.id, code), None))
    pass_time(auth, timedelta(minutes=2))
    late = send(auth)
    code = told(auth, late)
    pass_time(auth, timedelta(minutes=10))
    refused(Gone, "code_expired", lambda: auth.ask(SignInWithCode(late.id, code), None))


def test_what_expired_leaves_the_outbox_and_then_the_tables(auth: Harness) -> None:
    send(auth)
    pass_time(auth, timedelta(minutes=11))
    auth.tick()
    with auth.session() as session:
        assert session.execute(select(outgoing_codes)).all() == []
        assert len(session.execute(select(codes)).all()) == 1
    pass_time(auth, timedelta(minutes=50))
    auth.tick()
    with auth.session() as session:
        assert session.execute(select(codes)).all() == []


# --- for a booking --------------------------------------------------------------------------------------------------


def test_a_confirmation_says_whose_phone_it_is_for_half_an_hour(auth: Harness) -> None:
    """In any spelling, to services only; and it is the same one if the same code is sent again."""
    sent = send(auth, for_what="booking")
    code = told(auth, sent)
    given = auth.ask(ConfirmPhone(sent.id, code), None)
    assert auth.ask(ConfirmPhone(sent.id, code), None) == given

    def confirmed(phone: str = "8 903 123 45 67", confirmation: str = given.confirmation) -> bool:
        return auth.ask(CheckConfirmation(confirmation, phone), BOOKING).confirmed

    assert confirmed()
    assert not confirmed("+79031234568")
    assert not confirmed("nobody's")
    assert not confirmed(confirmation="x" * 43)
    refused(Forbidden, "permission_missing", lambda: auth.ask(CheckConfirmation(given.confirmation, PHONE)))
    pass_time(auth, timedelta(minutes=31))
    assert not confirmed()


# --- signing in -----------------------------------------------------------------------------------------------------


def test_a_right_code_begins_a_session_of_the_card_with_the_rights_of_a_client(auth: Harness) -> None:
    """The second time with the same account."""
    first = signed_in(auth).session
    assert first is not None
    caller = auth.keys.verifier().verify(first.access_token)
    assert (caller.client_id, caller.permissions, caller.marks) == (CLARA, CLIENT, frozenset())
    assert auth.ask(ShowMe(), caller).name == "Клара"
    auth.ask(SignOut(), caller)
    pass_time(auth, timedelta(minutes=2))
    again = signed_in(auth).session
    assert again is not None and again.user.id == first.user.id


def test_of_several_cards_with_the_phone_the_person_says_which(auth: Harness) -> None:
    """The same code then does it; a card of another phone it does not."""
    sent = send(auth, "+79030000002")
    code = told(auth, sent)
    offered = auth.ask(SignInWithCode(sent.id, code), None)
    assert offered.session is None
    assert [(card.client_id, card.first_name) for card in offered.cards] == [(CLARA, "Клара"), (DAUGHTER, "Ева")]
    refused(Invalid, "client_unknown", lambda: auth.ask(SignInWithCode(sent.id, code, UUID(int=5)), None))
    session = auth.ask(SignInWithCode(sent.id, code, DAUGHTER), None).session
    assert auth.keys.verifier().verify(session.access_token).client_id == DAUGHTER


def test_whoever_has_no_card_hears_so_after_the_right_code(auth: Harness) -> None:
    refused(Conflict, "card_missing", lambda: signed_in(auth, "+79039999999"))


def test_staff_who_are_clients_too_get_an_account_beside_theirs(auth: Harness) -> None:
    """A phone must not open what takes a password."""
    staff = auth.ask(CreateUser("anna", "Anna", role="manager", client_id=CLARA, password="correct horse battery"))
    session = signed_in(auth).session
    assert session is not None and session.user.id != staff.id
    assert session.user.roles == ("client",)


def test_an_account_that_the_salon_made_is_used_and_one_that_it_closed_is_not(auth: Harness) -> None:
    made = auth.ask(CreateUser("clara", "Clara", role="client", client_id=CLARA, password="correct horse battery"))
    session = signed_in(auth).session
    assert session is not None and session.user.id == made.id
    auth.ask(ChangeUser(made.id, 1, active=False))
    pass_time(auth, timedelta(minutes=2))
    refused(Forbidden, "account_closed", lambda: signed_in(auth))


def test_nobody_signs_in_with_a_password_to_an_account_that_a_code_made(auth: Harness) -> None:
    session = signed_in(auth).session
    assert session is not None
    for password in ("x", "erased"):
        refused(
            Unauthenticated, "sign_in_failed", lambda said=password: auth.ask(SignIn(session.user.login, said), None)
        )


def test_two_who_sign_in_at_one_moment_share_the_account(auth: Harness) -> None:
    asked = []
    for _ in range(2):
        sent = send(auth)
        asked.append(SignInWithCode(sent.id, told(auth, sent)))
        pass_time(auth, timedelta(minutes=2))
    threads = [threading.Thread(target=auth.ask, args=(request, None)) for request in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    accounts = [user for user in auth.ask(ListUsers()).items if user.client_id == CLARA]
    assert len(accounts) == 1


def test_erasure_ends_and_blanks_the_account_that_a_code_made(auth: Harness) -> None:
    session = signed_in(auth).session
    assert session is not None
    caller = auth.keys.verifier().verify(session.access_token)
    auth.deliver(ClientErased(CLARA, 2, utc_now()))
    refused(Unauthenticated, "session_ended", lambda: auth.ask(ShowMe(), caller))


def test_the_list_of_staff_leaves_out_accounts_of_clients(auth: Harness) -> None:
    """But not those of staff who are clients, too."""
    auth.ask(CreateUser("anna", "Anna", role="manager", client_id=DAUGHTER, password="correct horse battery"))
    signed_in(auth)
    assert [user.login for user in auth.ask(ListUsers(staff=True)).items] == ["anna"]
    assert len(auth.ask(ListUsers()).items) == 2


# --- the outbox -----------------------------------------------------------------------------------------------------


def test_the_outbox_shows_phone_and_code_to_whoever_may_and_tells_the_journal_once(auth: Harness) -> None:
    sent = send(auth)
    refused(Forbidden, "permission_missing", lambda: outbox(auth, anna("journal.read", "users.read")))
    (waiting,) = outbox(auth)
    assert (waiting.id, waiting.phone, waiting.for_what) == (sent.id, PHONE, "sign_in")
    outbox(auth)
    reader = anna("codes.read")
    outbox(auth, reader)
    seen = auth.ask(ListJournal(action="codes.shown")).items
    assert [one.actor_id for one in seen] == [reader.id, OWNER.id]
    assert seen[0].details == {"codes": [str(sent.id)]}
    assert PHONE not in str(seen) and waiting.code not in str(seen)


def test_the_outbox_is_read_page_by_page(auth: Harness) -> None:
    ids = [send(auth, f"+790300002{number:02}").id for number in range(3)]
    page = auth.ask(ListOutgoingCodes(limit=2))
    rest = auth.ask(ListOutgoingCodes(limit=2, cursor=page.next))
    assert [one.id for one in (*page.items, *rest.items)] == ids[::-1]
    assert rest.next is None

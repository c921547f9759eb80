"""The journal over a real database: what is written down, who reads it, and that nobody takes anything out of it."""

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from chassis.config import environment
from contracts.auth import (
    ChangePassword,
    ChangeRole,
    ChangeUser,
    CreateRole,
    CreateUser,
    JournalEntry,
    ListJournal,
    ListRoles,
    RefreshSession,
    Session,
    ShowJournalHead,
    SignIn,
    SignOut,
    User,
)
from contracts.clients import ClientErased, PersonalDataHandled
from contracts.loyalty import LoyaltyHandled
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Invalid, Refusal, Unauthenticated
from tests.builders import CLARA, ELSEWHERE, HERE, OWNER, anna, boris
from tests.harness import Harness

PASSWORD = "correct horse battery"
ADDRESS = "192.0.2.7"


@pytest.fixture
def office(start: Callable[..., Harness]) -> Harness:
    return start("auth", owner_password=PASSWORD)


def refused(kind: type[Refusal], code: str, ask: Callable[[], object]) -> Refusal:
    with pytest.raises(kind) as caught:
        ask()
    assert caught.value.code == code
    return caught.value


def sign_in(office: Harness, login: str = "owner", password: str = PASSWORD) -> Session:
    return office.ask(SignIn(login, password, ADDRESS), None)


def who(office: Harness, pair: Session) -> Caller:
    return office.keys.verifier().verify(pair.access_token)


def hire(office: Harness, login: str = "olga", branch: UUID = HERE) -> User:
    return office.ask(CreateUser(login, "Olga", role="master", branch_ids=(branch,), password=PASSWORD))


def entries(office: Harness, caller: Caller = OWNER, **wanted: object) -> list[JournalEntry]:
    """Those that are wanted, oldest first."""
    return [*reversed(office.ask(ListJournal(**wanted), caller).items)]


def newest(office: Harness) -> JournalEntry:
    return office.ask(ListJournal(limit=1)).items[0]


def verify(office: Harness, noted: str | None = None) -> str:
    with office.session() as session:
        return office.dispatcher.instance.verify_journal(session, noted)


# --- what is written down -------------------------------------------------------------------------------------------


def test_the_first_entries_are_of_the_start(office: Harness) -> None:
    """The roles that ship and the first owner are the service's own doing; nothing is said again at the next start."""
    said = entries(office)
    assert [one.action for one in said] == ["role.shipped"] * 8 + ["user.created"]
    assert {(one.actor_kind, one.actor_id, one.told_by) for one in said} == {("service", None, "auth")}
    office.dispatcher.started()
    assert len(entries(office)) == 9


def test_sessions_are_written_down(office: Harness) -> None:
    """Begun with the address, ended by the user, ended because somebody else has the token."""
    pair = sign_in(office)
    caller = who(office, pair)
    begun = newest(office)
    assert (begun.action, begun.actor_id, begun.subject_id) == ("session.begun", caller.id, caller.session_id)
    assert (begun.actor_kind, begun.address) == ("user", ADDRESS)
    office.ask(RefreshSession(pair.refresh_token), None)
    assert newest(office) == begun
    stolen = RefreshSession(pair.refresh_token, address=ADDRESS)
    refused(Unauthenticated, "refresh_token_reused", lambda: office.ask(stolen, None))
    reused = newest(office)
    assert (reused.action, reused.actor_kind, reused.subject_id) == ("session.reused", "nobody", caller.session_id)
    assert (reused.details, reused.address) == ({"users": [str(caller.id)]}, ADDRESS)
    other = who(office, sign_in(office))
    office.ask(SignOut(), other)
    ended = newest(office)
    assert (ended.action, ended.actor_id, ended.subject_id) == ("session.ended", other.id, other.session_id)


def test_a_failed_sign_in_never_tells_what_was_typed(office: Harness) -> None:
    """The id of who it was, or a fingerprint that is the same for the same words and says nothing of them."""
    for login in ("owner", "hunter2-is-my-password", "hunter2-is-my-password", "somebody"):
        refused(Unauthenticated, "sign_in_failed", lambda said=login: sign_in(office, said, "wrong, very wrong"))
    owner, *unknown = entries(office, action="sign_in.failed")
    assert (owner.actor_kind, owner.subject_kind, owner.details) == ("nobody", "user", {})
    assert owner.subject_id == who(office, sign_in(office)).id
    prints = [one.details["login"] for one in unknown]
    assert prints[0] == prints[1] != prints[2]
    assert {one.subject_id for one in unknown} == {None}
    with office.session() as session:
        kept = session.scalar(text("SELECT string_agg(CAST(journal AS TEXT), ' ') FROM journal"))
    assert not any(word in kept for word in ("hunter2", "somebody", "wrong", ADDRESS, ADDRESS.encode().hex()))


def test_changes_of_users_are_written_down(office: Harness) -> None:
    """Each kind by an action of its own, with rights before and after; what changes nothing leaves no entry."""
    roles = {role.name: str(role.id) for role in office.ask(ListRoles(limit=200)).items}
    olga = hire(office)
    made = newest(office)
    assert (made.action, made.actor_id, made.subject_id) == ("user.created", OWNER.id, olga.id)
    assert made.details == {"roles": [roles["master"]], "branches": [str(HERE)]}
    office.ask(ChangeUser(olga.id, 1, name="Olga"))
    assert newest(office) == made
    office.ask(ChangeUser(olga.id, 1, name="Olya", roles=("manager",), password=PASSWORD + "!"))
    said = entries(office, subject_id=olga.id)[1:]
    assert [one.action for one in said] == ["user.renamed", "password.set", "user.rights_changed"]
    assert said[-1].details == {
        "roles_before": [roles["master"]],
        "roles": [roles["manager"]],
        "branches_before": [str(HERE)],
        "branches": [str(HERE)],
    }
    office.ask(ChangeUser(olga.id, 2, active=False))
    office.ask(ChangeUser(olga.id, 3, active=True))
    assert [one.action for one in entries(office, subject_id=olga.id)[4:]] == ["user.deactivated", "user.activated"]


def test_changes_of_roles_are_written_down(office: Harness) -> None:
    """What the definition gives, and what was given and taken by a change."""
    role = office.ask(CreateRole("desk", ("branches.read", "rooms.read"), ("contacts",)))
    made = newest(office)
    assert (made.action, made.subject_id) == ("role.created", role.id)
    assert made.details == {
        "permissions": ["branches.read", "rooms.read"],
        "marks": ["contacts"],
        "reveals_per_shift": ["0"],
        "history_days": ["0"],
    }
    office.ask(ChangeRole(role.id, 1, permissions=("rooms.read", "services.read"), marks=()))
    assert newest(office).details == {
        "permissions_given": ["services.read"],
        "permissions_taken": ["branches.read"],
        "marks_taken": ["contacts"],
    }
    office.ask(ChangeRole(role.id, 2, reveals_per_shift=20, history_days=None))
    assert newest(office).details == {
        "reveals_per_shift_before": ["0"],
        "reveals_per_shift": ["20"],
        "history_days_before": ["0"],
        "history_days": ["unbounded"],
    }


def test_ones_own_password_is_written_down(office: Harness) -> None:
    """The change, and the one who did not know it."""
    caller = who(office, sign_in(office))
    refused(Invalid, "password_wrong", lambda: office.ask(ChangePassword("not mine at all", PASSWORD + "!"), caller))
    assert (newest(office).action, newest(office).actor_id) == ("password.refused", caller.id)
    office.ask(ChangePassword(PASSWORD, PASSWORD + "!"), caller)
    assert (newest(office).action, newest(office).subject_id) == ("password.changed", caller.id)


def test_what_is_refused_leaves_no_entry(office: Harness) -> None:
    """An entry is written in the transaction of what it says."""
    hire(office)
    before = newest(office)
    refused(Conflict, "login_taken", lambda: hire(office))
    refused(Conflict, "role_exists", lambda: office.ask(CreateRole("owner")))
    assert newest(office) == before


# --- what other services tell ---------------------------------------------------------------------------------------


def test_other_services_tell_by_events_and_twice_is_once(office: Harness) -> None:
    """Each at its own time, with who did it; an erasure by the rules of retention is nobody's but the service's."""
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    details = {"fields": ("phones", "email"), "cards": ("1",)}
    body = office.envelope(PersonalDataHandled("client.revealed", "client", at, CLARA, OWNER.id, HERE, details))
    for _ in range(2):
        assert office.dispatcher.absorb("clients", [body]) == []
    office.deliver(ClientErased(CLARA, 2, at, OWNER.id), ClientErased(UUID(int=7), 2, at))
    revealed, by_owner, by_itself = entries(office)[9:]
    assert (revealed.action, revealed.at, revealed.told_by) == ("client.revealed", at, "clients")
    assert (revealed.actor_id, revealed.subject_id, revealed.branch_id) == (OWNER.id, CLARA, HERE)
    assert revealed.details == {"fields": ["phones", "email"], "cards": ["1"]}
    assert (by_owner.action, by_owner.actor_kind, by_owner.subject_id) == ("client.erased", "user", CLARA)
    assert (by_itself.actor_kind, by_itself.actor_id, by_itself.told_by) == ("service", None, "clients")
    assert verify(office).startswith("12:")


def test_loyalty_tells_what_was_given_by_hand(office: Harness) -> None:
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    office.deliver(LoyaltyHandled("points.adjusted", "client", at, CLARA, OWNER.id, details={"points": ("30",)}))
    told = entries(office)[-1]
    assert (told.action, told.told_by, told.subject_id) == ("points.adjusted", "loyalty", CLARA)
    assert told.details == {"points": ["30"]}


# --- who reads it ---------------------------------------------------------------------------------------------------


def test_the_journal_is_read_newest_first_by_pages_and_by_what_is_wanted(office: Harness) -> None:
    """Pages put together are the whole; each filter alone."""
    olga, nina = hire(office), hire(office, "nina")
    everything = office.ask(ListJournal(limit=200)).items
    assert [one.number for one in everything] == list(range(11, 0, -1))
    page = office.ask(ListJournal(limit=4))
    pages = [*page.items]
    while page.next:
        page = office.ask(ListJournal(limit=4, cursor=page.next))
        pages += page.items
    assert tuple(pages) == everything
    assert [one.subject_id for one in entries(office, actor_id=OWNER.id)] == [olga.id, nina.id]
    assert len(entries(office, action="role.shipped")) == 8
    last = everything[0].at
    assert entries(office, since=last) == [everything[0]]
    assert everything[0] not in entries(office, until=last)
    assert entries(office, since=last + timedelta(seconds=1)) == []
    refused(Invalid, "cursor_invalid", lambda: office.ask(ListJournal(cursor="bm9uc2Vuc2U")))


def test_an_auditor_of_a_branch_reads_what_concerns_it(office: Harness) -> None:
    """What is done there, by or to those who work there. Boris may not; whoever lacks the right reads nothing."""
    here, elsewhere = hire(office), hire(office, "nina", ELSEWHERE)
    office.deliver(PersonalDataHandled("client.revealed", "client", datetime.now(UTC), CLARA, OWNER.id, HERE))
    assert [one.subject_id for one in entries(office, anna("journal.read"))] == [here.id, CLARA]
    assert [one.subject_id for one in entries(office, boris("journal.read"))] == [elsewhere.id]
    for request in (ListJournal(), ShowJournalHead()):
        refused(Forbidden, "permission_missing", lambda one=request: office.ask(one, anna("users.read")))
        refused(Unauthenticated, "signed_out", lambda one=request: office.ask(one, None))


def test_the_right_to_ones_own_shows_ones_own(office: Harness) -> None:
    """What one did and what was done to one, whoever else works there."""
    here, other = hire(office), hire(office, "nina")
    reader = replace(anna("journal.read.own"), id=here.id)
    office.deliver(PersonalDataHandled("client.revealed", "client", datetime.now(UTC), CLARA, here.id, HERE))
    office.deliver(PersonalDataHandled("client.revealed", "client", datetime.now(UTC), CLARA, other.id, HERE))
    assert [(one.actor_id, one.subject_id) for one in entries(office, reader)] == [
        (OWNER.id, here.id),
        (here.id, CLARA),
    ]


# --- that nobody takes anything out ---------------------------------------------------------------------------------


def test_the_database_refuses_to_change_entries(office: Harness) -> None:
    """Whoever forgets that a journal only grows; who owns the database can take the guard away, and the chain tells."""
    for statement in ("UPDATE journal SET action = 'x'", "DELETE FROM journal WHERE number = 3", "TRUNCATE journal"):
        with office.session() as session, pytest.raises(DBAPIError, match="stay as they are"):
            session.execute(text(statement))


def test_the_head_proves_later_that_nothing_is_gone(office: Harness) -> None:
    """It is the newest entry, and verified before and after more was written."""
    head = office.ask(ShowJournalHead())
    assert (head.number, head.hash) == (9, newest(office).hash)
    noted = f"{head.number}:{head.hash}"
    assert verify(office, noted) == noted
    hire(office)
    assert verify(office, noted).startswith("10:")


@pytest.mark.parametrize("noted", ["yesterday", "5", "5:", "5:5f0a", f"-5:{'00' * 32}", f"0:{'5f' * 32}", "5:5g"])
def test_a_head_that_no_entry_can_have_is_not_compared(office: Harness, noted: str) -> None:
    """Whoever mistypes it must be told neither that all is well nor that somebody has tampered."""
    refused(Invalid, "head_malformed", lambda: verify(office, noted))


TAMPERED = {
    "UPDATE journal SET subject_id = NULL WHERE number = 4": "entry 4 was changed",
    "UPDATE journal SET at = at + interval '1 microsecond' WHERE number = 5": "entry 5 was changed",
    'UPDATE journal SET details = details || \'{"x": ["y"]}\' WHERE number = 6': "entry 6 was changed",
    "UPDATE journal SET number = 100 WHERE number = 9": "entry 9 is missing",
    "DELETE FROM journal WHERE number = 3": "entry 3 is missing",
    "DELETE FROM journal WHERE number = 9": "entry 9 is missing: the journal had 9",
    "TRUNCATE journal": "entry 1 is missing: the journal had 9",
    "INSERT INTO journal SELECT 10, at, actor_kind, actor_id, told_by, 'x', subject_kind, subject_id, branch_id,"
    " address, details, hash, previous FROM journal WHERE number = 9": "entry 10 was changed",
}


def test_a_damaged_address_hides_no_entry(office: Harness) -> None:
    """The walk names it."""
    sign_in(office)
    with office.session() as session:
        session.execute(text("ALTER TABLE journal DISABLE TRIGGER journal_only_grows"))
        session.execute(text("UPDATE journal SET address = 'damaged' WHERE address IS NOT NULL"))
        session.execute(text("ALTER TABLE journal ENABLE TRIGGER journal_only_grows"))
        session.commit()
    entry = newest(office)
    assert (entry.action, entry.address) == ("session.begun", None)
    refused(Conflict, "journal_broken", lambda: verify(office))


def test_tampering_is_named(office: Harness) -> None:
    """By somebody who owns the database, takes the guard away, and has not the key."""
    noted = verify(office)
    for statement, complaint in TAMPERED.items():
        with office.session() as session:
            session.execute(text("ALTER TABLE journal DISABLE TRIGGER journal_only_grows"))
            session.execute(text(statement))
            with pytest.raises(Conflict) as caught:
                office.dispatcher.instance.verify_journal(session, noted)
        assert (caught.value.code, caught.value.message) == ("journal_broken", complaint)
    assert verify(office, noted) == noted


def test_twenty_at_once_leave_no_hole(office: Harness) -> None:
    """Each in a transaction of its own, some of which are refused at the end."""

    def knock(number: int) -> None:
        if number % 2:
            office.answer(SignIn("owner", PASSWORD, ADDRESS), None)
        else:
            office.answer(CreateRole(f"role{number // 4}"))  # every second name is taken

    threads = [threading.Thread(target=knock, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = entries(office)[9:]
    assert [one.number for one in said] == list(range(10, 25))
    assert sorted(one.action for one in said) == ["role.created"] * 5 + ["session.begun"] * 10
    assert verify(office).startswith("24:")


# --- the command ----------------------------------------------------------------------------------------------------


def run_verify(office: Harness, *words: str, service: str = "auth") -> subprocess.CompletedProcess[str]:
    own = {"LOKON_BUS": "inprocess://operator", "LOKON_KEYS": str(office.settings.keys)}
    own |= {f"LOKON_{name.upper()}_DATABASE": address for name, address in office.settings.databases.items()}
    command = [sys.executable, "-m", "chassis.runner", service, "journal", "verify", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment() | own, timeout=60)


def test_an_operator_verifies_the_journal(office: Harness) -> None:
    """The head on a line of its own and exit code 0; one sentence and 1 if an entry is missing."""
    noted = verify(office)
    whole = run_verify(office, "--head", noted)
    assert (whole.returncode, whole.stdout) == (0, f"{noted}\n")
    with office.session() as session:
        session.execute(text("ALTER TABLE journal DISABLE TRIGGER journal_only_grows"))
        session.execute(text("DELETE FROM journal WHERE number = 9"))
        session.commit()
    cut = run_verify(office, "--head", noted)
    assert (cut.returncode, cut.stdout) == (1, "")
    assert "journal_broken: entry 9 is missing: the journal had 9" in cut.stderr
    assert "Traceback" not in cut.stderr


def test_only_auth_keeps_a_journal(office: Harness) -> None:
    """Asked of another service the command says so."""
    asked = run_verify(office, service="loyalty")
    assert asked.returncode == 1
    assert "loyalty keeps no journal" in asked.stderr


@pytest.fixture
def logging_all() -> Iterator[None]:
    """The tests are silent otherwise."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("logging_all")
def test_the_head_stands_in_the_log_as_the_command_takes_it(office: Harness) -> None:
    """A log that leaves the machine then shows whether the end of the journal was cut off."""
    with capture_logs() as lines:
        office.tick()
    head = office.ask(ShowJournalHead())
    (noted,) = [line["head"] for line in lines if line["event"] == "journal_head"]
    assert noted == f"{head.number}:{head.hash}"
    assert verify(office, noted) == noted

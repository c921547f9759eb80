"""The rules of rights and sessions, without a database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.config import CODE_SENDERS, PASSWORD_KINDS, SERVICES, Misconfigured, read
from contracts.message import INTERNAL, PUBLIC, SIGNED_IN, all_requests
from contracts.permissions import WORDS
from kernel.caller import Caller
from services.auth import domain, passwords
from services.auth.usecases.senders import SENDERS
from tests.builders import ELSEWHERE, HERE, OWNER, a_user

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHIPPED = domain.shipped_roles(WORDS)

words = st.frozensets(st.sampled_from(sorted(WORDS) + [f"{word}.own" for word in sorted(WORDS)]), max_size=8)
marks = st.frozensets(st.sampled_from(sorted(domain.MARKS)))
branches = st.frozensets(st.sampled_from([HERE, ELSEWHERE, UUID(int=3)]))
bounds = st.none() | st.integers(0, 3)
rights = st.builds(domain.Rights, words, marks, branches, bounds, bounds)


def with_rights(given_rights: domain.Rights) -> Caller:
    return a_user(
        *given_rights.permissions,
        marks=given_rights.marks,
        branch_ids=given_rights.branch_ids,
        everywhere=given_rights.everywhere,
        reveals_per_shift=given_rights.reveals_per_shift,
        history_days=given_rights.history_days,
    )


# --- words and roles ------------------------------------------------------------------------------------------------


def test_every_permission_of_a_request_is_a_word() -> None:
    """So the owner, who has them all spelt out, lacks none."""
    asked = {request.permission for service in SERVICES for request in all_requests(service).values()}
    assert asked - {PUBLIC, SIGNED_IN, INTERNAL} <= WORDS
    for word in WORDS:
        assert OWNER.may(word)


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_role_holds_words_that_there_are(name: str) -> None:
    """A word that no message asks for would be a right to nothing."""
    if name != domain.OWNER:
        assert [word for word in SHIPPED[name].permissions if not domain.is_word(word, WORDS)] == []
        assert SHIPPED[name].marks <= domain.MARKS


def test_who_may_see_contacts() -> None:
    """Owner, manager and administrator; nobody else by a shipped role."""
    assert {name for name, held in SHIPPED.items() if held.marks & {"contacts", "*"}} == {
        "owner",
        "manager",
        "administrator",
    }


def test_an_auditor_changes_nothing() -> None:
    """They read everything but codes: whoever reads one can sign in as the client."""
    assert SHIPPED["auditor"].permissions == {word for word in WORDS if word.endswith(".read")} - {domain.CODES}


# --- granting -------------------------------------------------------------------------------------------------------


@given(rights, rights)
def test_granting_is_having(mine: domain.Rights, theirs: domain.Rights) -> None:
    """Everybody may grant what they have and less; whoever may grant something has it."""
    caller = with_rights(mine)
    assert domain.may_grant(caller, mine)
    both = domain.added_up([mine, theirs], mine.branch_ids | theirs.branch_ids)
    assert domain.may_grant(with_rights(both), theirs)
    if domain.may_grant(caller, theirs):
        assert all(caller.may(word) or caller.may(word.removesuffix(".own")) for word in theirs.permissions)
        assert theirs.marks <= mine.marks
        assert theirs.branch_ids <= mine.branch_ids


@given(rights, rights, rights)
def test_rights_cannot_grow_by_handing_them_on(
    first: domain.Rights, second: domain.Rights, third: domain.Rights
) -> None:
    """What I may grant may grant no more than I may."""
    if domain.may_grant(with_rights(first), second) and domain.may_grant(with_rights(second), third):
        assert domain.may_grant(with_rights(first), third)


def test_a_right_to_all_includes_that_to_ones_own_and_not_the_other_way_round() -> None:
    """Only the owner grants the owner's."""
    own, every = domain.Rights(frozenset({"clients.read.own"})), domain.Rights(frozenset({"clients.read"}))
    assert domain.may_grant(with_rights(every), own)
    assert not domain.may_grant(with_rights(own), every)
    assert domain.may_grant(OWNER, SHIPPED["owner"])
    assert not domain.may_grant(with_rights(SHIPPED["manager"]), SHIPPED["owner"])


# --- waiting --------------------------------------------------------------------------------------------------------


@given(st.integers(1, 500), st.sampled_from(sorted(domain.FREE)), st.timedeltas(timedelta(0), timedelta(hours=1)))
def test_waiting_grows_with_failures_and_ends(count: int, kind: str, passed: timedelta) -> None:
    """Free ones cost nothing; more of them never less; after the window it is over."""
    free = domain.FREE[kind]
    wait = domain.wait_after(domain.Failures(count, NOW), free, NOW + passed)
    assert timedelta(0) <= wait <= domain.WINDOW
    assert wait <= domain.wait_after(domain.Failures(count + 1, NOW), free, NOW + passed)
    if count < free or passed >= domain.WINDOW:
        assert wait == timedelta(0)


def test_the_first_waits() -> None:
    """Half a minute, a minute, two."""
    waits = [domain.wait_after(domain.Failures(count, NOW), 5, NOW).total_seconds() for count in (4, 5, 6, 7, 50)]
    assert waits == [0, 30, 60, 120, 900]


# --- sessions -------------------------------------------------------------------------------------------------------


def test_a_session_lives_until_the_nearer_limit() -> None:
    """Its whole life, or its longest pause."""
    limits = domain.Limits(timedelta(days=30), timedelta(days=7))
    assert limits.alive_until(NOW, NOW) == NOW + timedelta(days=7)
    assert limits.alive_until(NOW, NOW + timedelta(days=29)) == NOW + timedelta(days=30)


@pytest.mark.parametrize(
    ("used_with", "asked_with", "seconds", "retried"),
    [(b"k", b"k", 30, True), (b"k", b"k", 31, False), (b"k", b"x", 1, False), (None, None, 1, False)],
)
def test_a_retry_is_the_same_call_soon(
    used_with: bytes | None,
    asked_with: bytes | None,
    seconds: int,
    retried: bool,
) -> None:
    """The same key within half a minute; no key is no retry."""
    assert domain.may_retry(NOW, used_with, asked_with, NOW + timedelta(seconds=seconds)) is retried


# --- passwords ------------------------------------------------------------------------------------------------------


def test_passwords_fit_themselves_only() -> None:
    """What is kept is argon2id, salted; nobody's fits nothing, at the same price."""
    kept = passwords.hashed("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert kept != passwords.hashed("correct horse battery")
    assert passwords.fits(kept, "correct horse battery")
    assert not passwords.fits(kept, "correct horse batterY")
    assert not passwords.fits(passwords.NOBODYS, "correct horse battery")
    assert not passwords.fits("not a hash", "correct horse battery")
    assert not passwords.is_outdated(kept)
    assert not passwords.is_outdated(passwords.NOBODYS)


@given(st.integers(12, 40), st.sets(st.sampled_from(PASSWORD_KINDS), min_size=1))
def test_a_generated_password_has_its_length_and_every_kind_asked_for(length: int, kinds: set[str]) -> None:
    made = passwords.generated(length, sorted(kinds))
    assert len(made) == length
    assert all(set(made) & set(passwords.KINDS[kind]) for kind in kinds)
    assert set(made) <= {letter for kind in kinds for letter in passwords.KINDS[kind]}


def test_generated_passwords_differ() -> None:
    assert len({passwords.generated(20, PASSWORD_KINDS) for _ in range(50)}) == 50


def test_kinds_that_there_are_not_stop_the_start() -> None:
    with pytest.raises(Misconfigured, match="LOKON_GENERATED_PASSWORD_KINDS"):
        read({"LOKON_GENERATED_PASSWORD_KINDS": "lower,runes"})


def test_a_channel_for_codes_that_there_is_not_is_refused() -> None:
    """And each that there is has its module."""
    assert read({}).code_sender == "outbox"
    assert set(SENDERS) == set(CODE_SENDERS)
    with pytest.raises(Misconfigured, match="LOKON_CODE_SENDER is one of outbox"):
        read({"LOKON_CODE_SENDER": "pigeon"})


# --- codes to phones ------------------------------------------------------------------------------------------------

MOMENTS = st.lists(st.integers(0, 59 * 60), max_size=12).map(sorted)


@given(MOMENTS, MOMENTS)
def test_whoever_waits_as_long_as_they_are_told_may_have_a_code(to_phone: list[int], from_address: list[int]) -> None:
    """And not a second sooner: then there were as many within the hour as there may be."""
    now = NOW + timedelta(hours=1)
    sent = [[NOW + timedelta(seconds=each) for each in times] for times in (to_phone, from_address * 3)]
    for times in sent:
        times.sort()
    wait = domain.wait_for_code(sent[0], sent[1], now)
    later = now + wait
    counted = [[each for each in times if each > later - domain.COUNTED] for times in sent]
    assert domain.wait_for_code(counted[0], counted[1], later) == timedelta(0)
    if wait:
        sooner = later - timedelta(seconds=1)
        left = [[each for each in times if each > sooner - domain.COUNTED] for times in sent]
        assert domain.wait_for_code(left[0], left[1], sooner) > timedelta(0)

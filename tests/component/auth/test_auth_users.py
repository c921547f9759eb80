"""Users and roles over a real database: who may make, see and change whom."""

import threading
from collections.abc import Callable
from uuid import UUID

import pytest

from chassis.database import new_id
from chassis.wire import encode_cursor
from contracts.auth import (
    ChangeRole,
    ChangeUser,
    CheckUser,
    CreateRole,
    CreateUser,
    ListRoles,
    ListUsers,
    Role,
    Session,
    SessionsEnded,
    ShowMe,
    ShowRole,
    ShowUser,
    SignIn,
    User,
)
from contracts.booking import CheckBranches, UnknownBranches
from contracts.clients import CheckClient, ClientStanding
from contracts.permissions import WORDS
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Stale, Unauthenticated
from services.auth import domain
from tests.builders import CLARA, ELSEWHERE, HERE, OWNER, a_service, anna, boris
from tests.harness import Harness

PASSWORD = "correct horse battery"
MANAGER = domain.shipped_roles(WORDS)["manager"]
ANNA = anna(*MANAGER.permissions, marks=MANAGER.marks)
BORIS = boris(*MANAGER.permissions, marks=MANAGER.marks)


@pytest.fixture
def office(start: Callable[..., Harness]) -> Harness:
    return start("auth", owner_password=PASSWORD)


def refused(kind: type[Refusal], code: str, ask: Callable[[], object]) -> Refusal:
    with pytest.raises(kind) as caught:
        ask()
    assert caught.value.code == code
    return caught.value


def hire(office: Harness, login: str = "olga", by: Caller = OWNER, **said: object) -> User:
    words: dict[str, object] = {"name": "Olga", "role": "master", "branch_ids": (HERE,), "password": PASSWORD}
    return office.ask(CreateUser(login, **(words | said)), by)


def sign_in(office: Harness, login: str) -> Session:
    return office.ask(SignIn(login, PASSWORD), None)


def who(office: Harness, pair: Session) -> Caller:
    return office.keys.verifier().verify(pair.access_token)


def role_named(office: Harness, name: str) -> Role:
    return next(role for role in office.ask(ListRoles(limit=200)).items if role.name == name)


# --- making users ---------------------------------------------------------------------------------------------------


def test_ids_that_name_nothing_are_refused(office: Harness) -> None:
    """As far as their owners can say so: while they are away, the user is made as was said."""
    olga = hire(office)
    office.others.answers[CheckBranches] = lambda request: UnknownBranches(request.ids)
    refused(Invalid, "branch_unknown", lambda: hire(office, "nina"))
    refused(Invalid, "branch_unknown", lambda: office.ask(ChangeUser(olga.id, 1, branch_ids=(ELSEWHERE,))))
    office.others.answers[CheckBranches] = lambda _: UnknownBranches(())
    office.others.answers[CheckClient] = lambda request: ClientStanding(request.id, "unknown")
    refused(Invalid, "client_unknown", lambda: hire(office, "clara", role="client", branch_ids=(), client_id=CLARA))
    assert office.ask(ChangeUser(olga.id, 1, branch_ids=(ELSEWHERE,))).branch_ids == (ELSEWHERE,)


def test_whether_there_is_a_user_is_said_to_services(office: Harness) -> None:
    asks = a_service("booking")
    assert office.ask(CheckUser(hire(office).id), asks).exists
    assert not office.ask(CheckUser(CLARA), asks).exists


def test_a_user_signs_in_with_the_rights_of_their_roles(office: Harness) -> None:
    """Rights of several roles add up, in the branches of the user."""
    made = hire(office, role=None, roles=("master", "accountant"))
    assert (made.roles, made.branch_ids, made.active, made.version) == (("accountant", "master"), (HERE,), True, 1)
    caller = who(office, sign_in(office, "olga"))
    shipped = domain.shipped_roles(WORDS)
    assert caller.permissions == shipped["master"].permissions | shipped["accountant"].permissions
    assert (caller.marks, caller.branch_ids, caller.everywhere) == ({"finance"}, {HERE}, False)
    me = office.ask(ShowMe(), caller)
    assert (me.login, me.name, me.branch_ids) == ("olga", "Olga", (HERE,))
    assert set(me.permissions) == caller.permissions


def test_a_password_is_generated_and_shown_once(office: Harness) -> None:
    """In the answer to the one who made the user, and nowhere else."""
    made = hire(office, password=None)
    assert len(str(made.generated_password)) == office.settings.generated_password_length
    assert office.ask(SignIn("olga", str(made.generated_password)), None).user.id == made.id
    assert not isinstance(office.ask(ShowUser(made.id)).generated_password, str)


def test_a_client_has_a_card(office: Harness) -> None:
    """The token of a client names their card."""
    refused(Invalid, "client_missing", lambda: hire(office, role="client", branch_ids=()))
    card = new_id()
    hire(office, role="client", branch_ids=(), client_id=card)
    assert who(office, sign_in(office, "olga")).client_id == card


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"role": None}, "roles", "role_or_roles"),
        ({"roles": ("master",)}, "roles", "role_or_roles"),
        ({"role": None, "roles": ()}, "roles", "roles_missing"),
        ({"role": "cook"}, "roles.0", "role_unknown"),
        ({"role": None, "roles": ("master", "cook")}, "roles.1", "role_unknown"),
        ({"name": " "}, "name", "name_blank"),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(office: Harness, said: dict[str, object], field: str, code: str) -> None:
    """A refusal names the field and makes nobody."""
    assert list(refused(Invalid, code, lambda: hire(office, **said)).details["errors"]) == [field]
    assert [user.login for user in office.ask(ListUsers()).items] == ["owner"]


def test_a_login_is_somebodys_whatever_its_case(office: Harness) -> None:
    """Also of several who ask at one moment."""
    hire(office)
    refused(Conflict, "login_taken", lambda: hire(office, "OLGA"))
    outcomes: list[str] = []

    def make() -> None:
        answer = office.answer(CreateUser("Petr", "Petr", role="master", password=PASSWORD))
        outcomes.append(answer.error.code if answer.error else "ok")

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["login_taken"] * 5 + ["ok"]


# --- nobody grants what they lack -----------------------------------------------------------------------------------


def test_a_manager_grants_what_a_manager_has(office: Harness) -> None:
    """Shipped roles below theirs in their own branch; not the owner's, not other branches, not none.

    Nor the auditor's, who reads the journal: nobody appoints those who watch them.
    """
    for number, role in enumerate(("manager", "administrator", "master", "accountant", "marketer")):
        assert hire(office, f"user{number}", ANNA, role=role).roles == (role,)
    refused(Forbidden, "rights_exceeded", lambda: hire(office, "petr", ANNA, role="owner"))
    refused(Forbidden, "rights_exceeded", lambda: hire(office, "petr", ANNA, role="auditor"))
    refused(Forbidden, "rights_exceeded", lambda: hire(office, "petr", ANNA, branch_ids=(HERE, ELSEWHERE)))
    refused(Invalid, "branch_missing", lambda: hire(office, "petr", ANNA, branch_ids=()))


def test_marks_are_rights_too(office: Harness) -> None:
    """Who sees no contacts lets nobody see them."""
    blind = anna(*MANAGER.permissions)
    refused(Forbidden, "rights_exceeded", lambda: hire(office, "petr", blind, role="administrator"))
    assert hire(office, "petr", blind, role="master").login == "petr"


def test_a_user_with_more_rights_is_out_of_reach(office: Harness) -> None:
    """A manager neither changes an owner nor somebody who works elsewhere, too."""
    chief = hire(office, "chief", role="owner")
    both = hire(office, "both", branch_ids=(HERE, ELSEWHERE))
    below = hire(office, "below")
    refused(Forbidden, "rights_exceeded", lambda: office.ask(ChangeUser(chief.id, 1, active=False), ANNA))
    refused(Forbidden, "rights_exceeded", lambda: office.ask(ChangeUser(both.id, 1, password="a new password"), ANNA))
    refused(Forbidden, "rights_exceeded", lambda: office.ask(ChangeUser(below.id, 1, roles=("owner",)), ANNA))
    assert office.ask(ChangeUser(below.id, 1, active=False), ANNA).active is False


def test_a_right_to_what_is_one_s_own_reaches_one_s_own_account_alone(office: Harness) -> None:
    """Not the accounts of those who share a branch."""
    olga, other = hire(office), hire(office, "other")
    alone = anna("users.read.own", "users.edit.own", id=olga.id)
    assert [user.login for user in office.ask(ListUsers(), alone).items] == ["olga"]
    assert office.ask(ShowUser(olga.id), alone).login == "olga"
    refused(NotFound, "user_not_found", lambda: office.ask(ShowUser(other.id), alone))
    refused(NotFound, "user_not_found", lambda: office.ask(ChangeUser(other.id, 1, active=False), alone))


def test_boris_may_not_see_or_change_who_works_here(office: Harness) -> None:
    """Not in lists, not by id."""
    here = hire(office)
    both = hire(office, "both", branch_ids=(HERE, ELSEWHERE))
    assert [user.login for user in office.ask(ListUsers(), ANNA).items] == ["both", "olga"]
    assert [user.id for user in office.ask(ListUsers(), BORIS).items] == [both.id]
    refused(NotFound, "user_not_found", lambda: office.ask(ShowUser(here.id), BORIS))
    refused(NotFound, "user_not_found", lambda: office.ask(ChangeUser(here.id, 1, active=False), BORIS))
    refused(NotFound, "user_not_found", lambda: office.ask(ShowUser(UUID(int=1))))
    refused(Forbidden, "permission_missing", lambda: office.ask(ListUsers(), anna("clients.read")))


def test_lists_come_in_pages(office: Harness) -> None:
    """Everybody once, in order of logins."""
    for number in range(5):
        hire(office, f"user{number}")
    seen: list[str] = []
    cursor = None
    while True:
        page = office.ask(ListUsers(limit=2, cursor=cursor))
        seen += [user.login for user in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == ["owner", *(f"user{number}" for number in range(5))]
    for cursor in ("!", encode_cursor(7), encode_cursor("\0")):
        refused(Invalid, "cursor_invalid", lambda c=cursor: office.ask(ListUsers(cursor=c)))


# --- changing users -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [{"active": False}, {"roles": ("accountant",)}, {"branch_ids": (ELSEWHERE,)}, {"password": "a new password"}],
)
def test_a_change_of_rights_ends_the_sessions(office: Harness, said: dict[str, object]) -> None:
    """At once and announced; a new name does not."""
    olga = hire(office)
    caller = who(office, sign_in(office, "olga"))
    assert office.ask(ChangeUser(olga.id, 1, name="Olga K.")).version == 2
    office.ask(ShowMe(), caller)
    assert office.ask(ChangeUser(olga.id, 2, **said)).version == 3
    refused(Unauthenticated, "session_ended", lambda: office.ask(ShowMe(), caller))
    (told,) = office.announced(SessionsEnded)
    assert [one.session_id for one in told.sessions] == [caller.session_id]


def test_a_change_of_nothing_is_none(office: Harness) -> None:
    """The version stays, and so do the sessions; an old version is refused."""
    olga = hire(office)
    same = ChangeUser(olga.id, 1, name="Olga", roles=("master",), branch_ids=(HERE,), active=True)
    assert office.ask(same) == olga
    refused(Stale, "version_stale", lambda: office.ask(ChangeUser(olga.id, 7, name="O")))
    refused(Invalid, "role_unknown", lambda: office.ask(ChangeUser(olga.id, 1, roles=("cook",))))
    refused(Invalid, "roles_missing", lambda: office.ask(ChangeUser(olga.id, 1, roles=())))


def test_somebody_remains_the_owner(office: Harness) -> None:
    """The last active one can neither be sent away nor made something else."""
    first = office.ask(ListUsers()).items[0]
    for said in ({"active": False}, {"roles": ("manager",)}):
        change = ChangeUser(first.id, 1, **said)
        refused(Conflict, "last_owner", lambda c=change: office.ask(c))
    second = hire(office, "second", role="owner", branch_ids=())
    assert office.ask(ChangeUser(first.id, 1, active=False)).active is False
    refused(Conflict, "last_owner", lambda: office.ask(ChangeUser(second.id, 1, active=False)))


def test_owners_who_send_each_other_away_leave_one(office: Harness) -> None:
    """Both are right alone; one of them is refused."""
    first = office.ask(ListUsers()).items[0]
    second = hire(office, "second", role="owner", branch_ids=())
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def send_away(user: User) -> None:
        barrier.wait()
        answer = office.answer(ChangeUser(user.id, 1, active=False))
        outcomes.append(answer.error.code if answer.error else "ok")

    threads = [threading.Thread(target=send_away, args=(user,)) for user in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["last_owner", "ok"]


# --- roles ----------------------------------------------------------------------------------------------------------


def test_the_shipped_roles_are_there_and_stay(office: Harness) -> None:
    """The owner's is spelt out; none of them can be changed."""
    names = [role.name for role in office.ask(ListRoles()).items]
    assert names == sorted(
        ("accountant", "administrator", "auditor", "client", "manager", "marketer", "master", "owner")
    )
    owner = role_named(office, "owner")
    assert (set(owner.permissions), set(owner.marks), owner.shipped) == (WORDS, domain.MARKS, True)
    master = role_named(office, "master")
    change = ChangeRole(master.id, master.version, permissions=("clients.read",))
    refused(Conflict, "role_is_shipped", lambda: office.ask(change))


def test_a_role_of_ones_own(office: Harness) -> None:
    """It is data: made, given, changed; and a change ends the sessions of everybody who has it."""
    role = office.ask(CreateRole("Cashier", ("appointments.read", "loyalty.read.own"), ("finance",)))
    assert (role.permissions, role.marks, role.shipped) == (
        ("appointments.read", "loyalty.read.own"),
        ("finance",),
        False,
    )
    assert office.ask(ShowRole(role.id)) == role
    refused(Conflict, "role_exists", lambda: office.ask(CreateRole("cashier")))
    hire(office, role="cashier")
    caller = who(office, sign_in(office, "olga"))
    assert caller.permissions == {"appointments.read", "loyalty.read.own"}
    same = ChangeRole(role.id, 1, marks=("finance",))
    assert office.ask(same).version == 1
    office.ask(ShowMe(), caller)
    assert office.ask(ChangeRole(role.id, 1, permissions=("clients.read",))).version == 2
    refused(Unauthenticated, "session_ended", lambda: office.ask(ShowMe(), caller))
    assert who(office, sign_in(office, "olga")).permissions == {"clients.read"}
    refused(Stale, "version_stale", lambda: office.ask(same))
    refused(NotFound, "role_not_found", lambda: office.ask(ShowRole(UUID(int=1))))


def test_the_bounds_of_roles_add_up_in_the_token(office: Harness) -> None:
    """The widest counts; what a role does not say adds nothing, and no bound is the widest of all."""
    office.ask(CreateRole("narrow", reveals_per_shift=5, history_days=30))
    wide = office.ask(CreateRole("wide", reveals_per_shift=40, history_days=7))
    office.ask(CreateRole("silent"))
    hire(office, role=None, roles=("narrow", "wide", "silent"))
    pair = sign_in(office, "olga")
    assert (pair.user.reveals_per_shift, pair.user.history_days) == (40, 30)
    caller = who(office, pair)
    assert (caller.reveals_per_shift, caller.history_days) == (40, 30)
    assert office.ask(ShowMe(), caller).reveals_per_shift == 40
    office.ask(ChangeRole(wide.id, 1, reveals_per_shift=None))
    refused(Unauthenticated, "session_ended", lambda: office.ask(ShowMe(), caller))
    assert who(office, sign_in(office, "olga")).reveals_per_shift is None


def test_nobody_gives_a_wider_bound_than_theirs(office: Harness) -> None:
    """Neither in a role nor by giving one."""
    words = ("roles.create", "roles.edit", "users.create")
    maker = anna(*words, reveals_per_shift=10, history_days=30)
    for bounds in ({"reveals_per_shift": 11}, {"reveals_per_shift": None}, {"history_days": 31}):
        refused(Forbidden, "rights_exceeded", lambda said=bounds: office.ask(CreateRole("r", **said), maker))
    role = office.ask(CreateRole("r", reveals_per_shift=10, history_days=30), maker)
    wider = ChangeRole(role.id, 1, history_days=None)
    refused(Forbidden, "rights_exceeded", lambda: office.ask(wider, maker))
    office.ask(CreateRole("wider", reveals_per_shift=11))
    refused(Forbidden, "rights_exceeded", lambda: hire(office, role="wider", by=maker))
    hire(office, role="r", by=maker)


def test_a_role_holds_words_that_there_are(office: Harness) -> None:
    """Permissions of messages and marks; not everything at once."""
    for words in (("clients.fly",), ("*",), ("clients.read.own.own",), ("internal",)):
        refused(Invalid, "permission_unknown", lambda w=words: office.ask(CreateRole("r", w)))
    refused(Invalid, "mark_unknown", lambda: office.ask(CreateRole("r", (), ("secrets",))))
    refused(Invalid, "name_blank", lambda: office.ask(CreateRole("  ")))


def test_nobody_makes_a_role_with_more_than_they_have(office: Harness) -> None:
    """Nor changes one that holds more, nor adds to it what they lack."""
    maker = anna("roles.create", "roles.edit", "clients.read", marks=frozenset({"health"}))
    refused(Forbidden, "rights_exceeded", lambda: office.ask(CreateRole("r", ("users.edit",)), maker))
    refused(Forbidden, "rights_exceeded", lambda: office.ask(CreateRole("r", (), ("contacts",)), maker))
    role = office.ask(CreateRole("r", ("clients.read.own",), ("health",)), maker)
    refused(
        Forbidden, "rights_exceeded", lambda: office.ask(ChangeRole(role.id, 1, permissions=("users.edit",)), maker)
    )
    greater = office.ask(CreateRole("greater", ("users.edit",)))
    refused(Forbidden, "rights_exceeded", lambda: office.ask(ChangeRole(greater.id, 1, permissions=()), maker))

"""Make and change users."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from uuid import UUID

from msgspec import UNSET
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.config import settings
from chassis.database import new_id, refusal_of
from chassis.messaging import Refused
from contracts.auth import ChangeLook, ChangePassword, ChangeUser, CreateUser, Look, Me, User
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Invalid, Stale
from services.auth import domain, passwords, queries
from services.auth.chain import Entry
from services.auth.tables import user_branches, user_roles, users
from services.auth.usecases import journal, sessions, signing_in
from services.auth.usecases.asking import Call, client_is_unknown, refuse_unknown_branches, unknown_branches
from services.auth.usecases.desk import Desk
from services.auth.usecases.rights import known_roles, refuse_exceeding, refuse_unknown_roles
from services.auth.usecases.staff import tell_staff
from services.auth.vault import has_own_key

OWNERS, LOGINS = 1_003, 1_005  # advisory locks
CLIENT = "client"


# --- before the transaction: hashing takes longer than all the rest -------------------------------------------------


@dataclass(frozen=True)
class Ahead:
    """What is known of a user before the transaction: the password as it is kept, and ids that name nothing.

    `generated` is the password itself if nobody said one.
    """

    kept: str | None
    generated: str | None = None
    unknown_branches: frozenset[UUID] = frozenset()
    unknown_client: bool = False


def before_creating(call: Call, request: CreateUser, _caller: Caller) -> Ahead:
    generated = _generated() if request.password is None else None
    return Ahead(
        passwords.hashed(request.password or generated or ""),
        generated,
        unknown_branches(call, request.branch_ids),
        client_is_unknown(call, request.client_id),
    )


def before_changing(call: Call, request: ChangeUser, _caller: Caller) -> Ahead:
    kept = passwords.hashed(request.password) if request.password is not UNSET else None
    return Ahead(kept, None, unknown_branches(call, () if request.branch_ids is UNSET else request.branch_ids))


def new_password(_call: object, request: ChangePassword, _caller: Caller) -> str:
    """What is kept of the new password."""
    return passwords.hashed(request.new)


# --- making ---------------------------------------------------------------------------------------------------------


def create(session: Session, request: CreateUser, desk: Desk, ahead: Ahead) -> User:
    names = _named(request)
    known = known_roles(session, names)
    rights = domain.added_up([queries.role_rights(row) for row in known.values()], request.branch_ids)
    refuse_exceeding(desk.caller, rights)
    refuse_unknown_roles(names, known)
    _refuse_nowhere(request.branch_ids, request.client_id, desk.caller)
    refuse_unknown_branches(ahead.unknown_branches, request.branch_ids)
    if ahead.unknown_client:
        raise Invalid.field("client_id", "client_unknown", "there is no such client")
    if any(row.name_key == CLIENT for row in known.values()) and request.client_id is None:
        raise Invalid.field("client_id", "client_missing", "the role client is for somebody with a card")
    if not request.name.strip():
        raise Invalid.field("name", "name_blank", "a name has at least one letter")
    user_id = new_id()
    _keep(session, user_id, request, ahead, desk)
    _keep_roles(session, user_id, _ids(known))
    _keep_branches(session, user_id, request.branch_ids)
    given = {"roles": _ids(known), "branches": request.branch_ids}
    journal.record(session, desk, journal.entry(desk, "user.created", "user", user_id, given))
    tell_staff(session, [request.client_id], desk)
    user = queries.by_id(session, user_id)
    assert user is not None
    view = queries.user_view(user, desk.keys.vault)
    return view if ahead.generated is None else replace(view, generated_password=ahead.generated)


def _named(request: CreateUser) -> tuple[str, ...]:
    if (request.role is None) == (request.roles is None):
        raise Invalid.field("roles", "role_or_roles", "say either role or roles")
    return (request.role,) if request.role is not None else tuple(request.roles or ())


def _refuse_nowhere(branch_ids: Iterable[UUID], client_id: UUID | None, caller: Caller) -> None:
    """Somebody bound to branches would never see again whom they made outside of all of them."""
    if not caller.everywhere and not tuple(branch_ids) and client_id is None:
        raise Invalid.field("branch_ids", "branch_missing", "name at least one of your branches")


def _keep(session: Session, user_id: UUID, request: CreateUser, ahead: Ahead, desk: Desk) -> None:
    login = request.login.strip()  # `$` of a pattern lets a line end through
    taken = Conflict("login_taken", "somebody has this login", errors={"login": ["somebody has this login"]})
    # What the logins of clients are found by differs from that of staff, so the unique key cannot tell the two apart.
    session.execute(select(func.pg_advisory_xact_lock(LOGINS)))
    if queries.by_login(session, login, desk.keys.vault) is not None:
        raise taken
    row = {
        "id": user_id,
        **desk.keys.vault.sealed_names(user_id, login, request.name.strip(), own=request.client_id is not None),
        "password": ahead.kept,
        "client_id": request.client_id,
        "active": True,
        "version": 1,
        "created_at": desk.now,
    }
    try:
        with session.begin_nested():
            session.execute(insert(users), row)
    except IntegrityError as error:
        raise refusal_of(error, {"uq_users_login_key": taken}) from None


def _keep_roles(session: Session, user_id: UUID, role_ids: Iterable[UUID]) -> None:
    session.execute(delete(user_roles).where(user_roles.c.user_id == user_id))
    session.execute(insert(user_roles), [{"user_id": user_id, "role_id": role} for role in sorted(set(role_ids))])


def _keep_branches(session: Session, user_id: UUID, branch_ids: Iterable[UUID]) -> None:
    session.execute(delete(user_branches).where(user_branches.c.user_id == user_id))
    rows = [{"user_id": user_id, "branch_id": branch} for branch in sorted(set(branch_ids))]
    if rows:
        session.execute(insert(user_branches), rows)


# --- changing -------------------------------------------------------------------------------------------------------


def change(session: Session, request: ChangeUser, desk: Desk, ahead: Ahead) -> User:
    before = queries.found(session, request.id, desk.caller, ChangeUser.permission, locked=True)
    refuse_exceeding(desk.caller, queries.rights_of(session, before))
    names = before.roles if request.roles is UNSET else request.roles
    branches = before.branch_ids if request.branch_ids is UNSET else request.branch_ids
    known = known_roles(session, names)
    rights = domain.added_up([queries.role_rights(row) for row in known.values()], branches)
    refuse_exceeding(desk.caller, rights)
    if request.version != before.version:
        raise Stale("version_stale", "somebody else changed this user in the meantime")
    refuse_unknown_roles(names, known)
    if request.branch_ids is not UNSET:
        _refuse_nowhere(branches, before.client_id, desk.caller)
        refuse_unknown_branches(ahead.unknown_branches, branches)
    active = before.active if request.active is UNSET else request.active
    if domain.OWNER in before.roles and before.active and not (active and rights.everywhere):
        _refuse_last_owner(session, before.id)
    values = _changes(before, request, active=active, password=ahead.kept, desk=desk)
    held = _role_ids(session, before.id)
    moved = _ids(known) != held or set(branches) != set(before.branch_ids)
    if not values and not moved:
        return queries.user_view(before, desk.keys.vault)
    session.execute(update(users).where(users.c.id == before.id).values(version=before.version + 1, **values))
    if moved:
        _keep_roles(session, before.id, _ids(known))
        _keep_branches(session, before.id, branches)
    if moved or "active" in values or "password" in values:
        sessions.end_of_users(session, [before.id], desk)
    rights_before = {"roles_before": held, "branches_before": before.branch_ids}
    rights_now = {"roles": _ids(known), "branches": branches}
    journal.record(session, desk, *_entries(before.id, values, rights_before | rights_now if moved else {}, desk))
    if moved or "active" in values:
        tell_staff(session, [before.client_id], desk)
    after = queries.by_id(session, before.id)
    assert after is not None
    return queries.user_view(after, desk.keys.vault)


def _entries(
    user_id: UUID, values: dict[str, object], rights: Mapping[str, Collection[UUID]], desk: Desk
) -> Iterator[Entry]:
    """What a change of a user is to the journal, an action each."""
    if "name" in values:
        yield journal.entry(desk, "user.renamed", "user", user_id)
    if "password" in values:
        yield journal.entry(desk, "password.set", "user", user_id)
    if "active" in values:
        yield journal.entry(desk, "user.activated" if values["active"] else "user.deactivated", "user", user_id)
    if rights:
        yield journal.entry(desk, "user.rights_changed", "user", user_id, rights)


def _ids(found: Mapping[str, Row[Any]]) -> set[UUID]:
    return {row.id for row in found.values()}


def _changes(
    before: Row[Any], request: ChangeUser, *, active: bool, password: str | None, desk: Desk
) -> dict[str, object]:
    values: dict[str, object] = {}
    if request.name is not UNSET:
        if not request.name.strip():
            raise Invalid.field("name", "name_blank", "a name has at least one letter")
        if request.name.strip() != desk.keys.vault.name(before):
            values["name"] = desk.keys.vault.sealed_name(before.id, request.name.strip(), own=has_own_key(before))
    if active != before.active:
        values["active"] = active
    if password is not None:
        values["password"] = password
    return values


def _role_ids(session: Session, user_id: UUID) -> set[UUID]:
    return set(session.scalars(select(user_roles.c.role_id).where(user_roles.c.user_id == user_id)))


def _refuse_last_owner(session: Session, user_id: UUID) -> None:
    """One at a time: two owners who take each other's rights would leave nobody."""
    session.execute(select(func.pg_advisory_xact_lock(OWNERS)))
    if not queries.other_owner(session, user_id):
        raise Conflict("last_owner", "somebody has to remain the owner")


# --- one's own password ---------------------------------------------------------------------------------------------


def change_password(session: Session, request: ChangePassword, desk: Desk, kept: str) -> Me:
    user = queries.signed_in(session, desk.caller)
    signing_in.refuse_haste(session, desk, login=desk.keys.vault.login(user))
    if not passwords.fits(user.password, request.current):
        signing_in.count_failure(session, desk, login=desk.keys.vault.login(user))
        journal.record(session, desk, journal.entry(desk, "password.refused", "user", user.id))
        raise Refused(Invalid.field("current", "password_wrong", "this is not your password"))
    values = {"password": kept, "version": users.c.version + 1}
    session.execute(update(users).where(users.c.id == user.id).values(values))
    sessions.end_of_users(session, [user.id], desk, but=desk.caller.session_id)
    journal.record(session, desk, journal.entry(desk, "password.changed", "user", user.id))
    return queries.me_view(user, queries.rights_of(session, user), desk.keys.vault)


def change_look(session: Session, request: ChangeLook, desk: Desk) -> Me:
    """Keep what was said beside what was chosen before; how pages look is no one else's business, nor the journal's."""
    user = queries.signed_in(session, desk.caller)
    if user.client_id is not None:
        raise Forbidden("look_of_device", "how pages look to clients is kept by their own devices")
    said = {field.name: getattr(request, field.name) for field in fields(Look)}
    look = replace(Look(**(user.look or {})), **{name: value for name, value in said.items() if value is not UNSET})
    session.execute(update(users).where(users.c.id == user.id).values(look=asdict(look)))
    return replace(queries.me_view(user, queries.rights_of(session, user), desk.keys.vault), look=look)


# --- the first one --------------------------------------------------------------------------------------------------


def make_first_owner(session: Session, password: str | None, desk: Desk) -> Iterator[Entry]:
    """The login `owner`, if there is nobody yet and a password was given."""
    session.execute(select(func.pg_advisory_xact_lock(OWNERS)))
    if password is None or session.execute(select(users.c.id).limit(1)).one_or_none() is not None:
        return
    user_id = new_id()
    row = {
        "id": user_id,
        **desk.keys.vault.sealed_names(user_id, domain.OWNER, "Owner", own=False),
        "password": passwords.hashed(password),
        "active": True,
        "version": 1,
        "created_at": desk.now,
    }
    session.execute(insert(users), row)
    role_ids = _ids(queries.roles_named(session, [domain.OWNER]))
    _keep_roles(session, user_id, role_ids)
    yield journal.own_entry(desk, "user.created", "user", user_id, {"roles": role_ids})


def _generated() -> str:
    config = settings()
    return passwords.generated(config.generated_password_length, config.generated_password_kinds)

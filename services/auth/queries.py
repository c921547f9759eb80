"""What can be seen of users, roles and sessions, and by whom."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import ColumnElement, Row, Select, Text, Uuid, any_, exists, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from chassis.wire import decode_cursor, encode_cursor
from contracts.auth import (
    EndedSession,
    EndedSessions,
    JournalEntry,
    ListJournal,
    ListOutgoingCodes,
    ListRoles,
    ListUsers,
    Look,
    Me,
    OutgoingCode,
    Role,
    ShowUser,
    User,
)
from contracts.message import Page
from contracts.permissions import WORDS
from kernel.caller import EVERYTHING, Caller, Reach
from kernel.errors import NotFound, Unauthenticated
from services.auth import chain, domain
from services.auth.tables import codes, journal, outgoing_codes, roles, sessions, user_branches, user_roles, users
from services.auth.vault import Vault

KEY = Annotated[str, Meta(pattern=r"^[^\x00]*$")]  # of a cursor; a database cannot compare with NUL
NUMBER = Annotated[int, Meta(ge=1, le=2**62)]
IDS, TEXTS = ARRAY(Uuid), ARRAY(Text)
NEWEST = select(journal.c.number, journal.c.hash).order_by(journal.c.number.desc()).limit(1)
ENTRY = tuple(field.name for field in fields(chain.Entry))
WALK = 1_000  # entries read at once


# --- users ----------------------------------------------------------------------------------------------------------


def people() -> Select[Any]:
    """Every user with the names of their roles and their branches."""
    held = select(roles.c.name).select_from(user_roles.join(roles)).order_by(roles.c.name_key)
    of_user = held.where(user_roles.c.user_id == users.c.id)
    in_branches = select(user_branches.c.branch_id).where(user_branches.c.user_id == users.c.id).order_by("branch_id")
    return select(
        users,
        func.array(of_user.scalar_subquery(), type_=TEXTS).label("roles"),
        func.array(in_branches.scalar_subquery(), type_=IDS).label("branch_ids"),
    )


def visible(caller: Caller, permission: str) -> ColumnElement[bool]:
    """All users, oneself and those who share a branch, or oneself alone: as far as `permission` goes."""
    reach = caller.must(permission)
    if reach is Reach.CHAIN:
        return true()
    if reach is Reach.OWN:
        return users.c.id == caller.id
    shared = select(user_branches.c.user_id).where(
        user_branches.c.user_id == users.c.id,
        user_branches.c.branch_id == any_(literal(sorted(caller.branch_ids), IDS)),
    )
    return or_(users.c.id == caller.id, exists(shared))


def found(session: Session, user_id: UUID, caller: Caller, permission: str, *, locked: bool = False) -> Row[Any]:
    """A user to whom the caller's `permission` reaches; `locked` holds them until the transaction ends."""
    if locked:
        session.execute(select(users.c.id).where(users.c.id == user_id).with_for_update(key_share=True))
    row = session.execute(people().where(users.c.id == user_id, visible(caller, permission))).one_or_none()
    if row is None:
        raise NotFound("user_not_found", "there is no such user")
    return row


def show_user(session: Session, user_id: UUID, caller: Caller, vault: Vault) -> User:
    return user_view(found(session, user_id, caller, ShowUser.permission), vault)


def list_users(session: Session, request: ListUsers, caller: Caller, vault: Vault) -> Page[User]:
    wanted = people().where(visible(caller, ListUsers.permission))
    if request.staff:
        held = user_roles.join(roles, roles.c.id == user_roles.c.role_id)
        others = select(user_roles.c.user_id).select_from(held).where(roles.c.name_key != domain.CLIENTS_ROLE)
        wanted = wanted.where(users.c.id.in_(others))
    if request.cursor:
        wanted = wanted.where(users.c.login_key > decode_cursor(request.cursor, KEY)[0])
    rows = session.execute(wanted.order_by(users.c.login_key).limit(request.limit + 1)).all()
    vault.fetch(rows)
    return Page(
        tuple(user_view(row, vault) for row in rows[: request.limit]),
        encode_cursor(rows[request.limit - 1].login_key) if len(rows) > request.limit else None,
    )


def by_login(session: Session, login: str, vault: Vault) -> Row[Any] | None:
    return session.execute(people().where(users.c.login_key.in_(vault.login_keys(login)))).one_or_none()


def by_id(session: Session, user_id: UUID) -> Row[Any] | None:
    return session.execute(people().where(users.c.id == user_id)).one_or_none()


def of_client(session: Session, client_id: UUID) -> Sequence[Row[Any]]:
    """The accounts of a card, the oldest first."""
    return session.execute(people().where(users.c.client_id == client_id).order_by(users.c.id)).all()


def other_owner(session: Session, user_id: UUID | None) -> bool:
    """Whether somebody else than `user_id` is an active owner."""
    owners = (
        select(users.c.id)
        .join(user_roles, user_roles.c.user_id == users.c.id)
        .join(roles, roles.c.id == user_roles.c.role_id)
        .where(users.c.active, roles.c.name_key == domain.OWNER)
    )
    if user_id is not None:
        owners = owners.where(users.c.id != user_id)
    return session.execute(owners.limit(1)).one_or_none() is not None


def unreadable(session: Session, vault: Vault) -> Iterator[tuple[str, UUID]]:
    """What is sealed of users and does not open."""
    rows = session.execute(select(users).order_by(users.c.id)).all()
    vault.fetch(rows)
    for row in rows:
        yield from ((f"user {field}", row.id) for field in vault.unreadable(row))


# --- rights ---------------------------------------------------------------------------------------------------------


def rights_of(session: Session, user: Row[Any], *, shared: bool = False) -> domain.Rights:
    """What the roles of `user` add up to; `shared` keeps those roles as they are until the transaction ends."""
    held = select(roles).select_from(roles.join(user_roles)).where(user_roles.c.user_id == user.id)
    rows = session.execute(held.with_for_update(read=True, of=roles) if shared else held).all()
    return domain.added_up([role_rights(row) for row in rows], user.branch_ids)


def role_rights(row: Row[Any]) -> domain.Rights:
    return domain.Rights(
        frozenset(row.permissions),
        frozenset(row.marks),
        reveals_per_shift=row.reveals_per_shift,
        history_days=row.history_days,
    )


def roles_named(session: Session, names: Iterable[str]) -> dict[str, Row[Any]]:
    """Roles by the names as they were said, where there is one."""
    keys = {name: role_key(name) for name in names}
    rows = session.execute(select(roles).where(roles.c.name_key == any_(literal(list(keys.values()), TEXTS))))
    by_key = {row.name_key: row for row in rows}
    return {name: by_key[key] for name, key in keys.items() if key in by_key}


def role_key(name: str) -> str:
    return name.strip().casefold()


def found_role(session: Session, role_id: UUID, *, locked: bool = False) -> Row[Any]:
    wanted = select(roles).where(roles.c.id == role_id)
    row = session.execute(wanted.with_for_update(key_share=True) if locked else wanted).one_or_none()
    if row is None:
        raise NotFound("role_not_found", "there is no such role")
    return row


def list_roles(session: Session, request: ListRoles) -> Page[Role]:
    wanted = select(roles)
    if request.cursor:
        wanted = wanted.where(roles.c.name_key > decode_cursor(request.cursor, KEY)[0])
    rows = session.execute(wanted.order_by(roles.c.name_key).limit(request.limit + 1)).all()
    return Page(
        tuple(role_view(row) for row in rows[: request.limit]),
        encode_cursor(rows[request.limit - 1].name_key) if len(rows) > request.limit else None,
    )


# --- sessions -------------------------------------------------------------------------------------------------------


def signed_in(session: Session, caller: Caller) -> Row[Any]:
    """The user who asks, if their session has not ended."""
    lives = exists().where(
        sessions.c.id == caller.session_id, sessions.c.user_id == users.c.id, sessions.c.ended_at.is_(None)
    )
    row = session.execute(people().where(users.c.id == caller.id, users.c.active, lives)).one_or_none()
    if row is None:
        raise Unauthenticated("session_ended", "this session has ended; sign in again")
    return row


def show_me(session: Session, caller: Caller, vault: Vault) -> Me:
    user = signed_in(session, caller)
    return me_view(user, rights_of(session, user), vault)


def ended_sessions(session: Session, now: datetime) -> EndedSessions:
    """Sessions whose access tokens may still be in somebody's hands."""
    rows = session.execute(
        select(sessions.c.id, sessions.c.tokens_until).where(sessions.c.tokens_until > now).order_by(sessions.c.id)
    )
    return EndedSessions(tuple(EndedSession(row.id, row.tokens_until) for row in rows))


# --- codes to phones ------------------------------------------------------------------------------------------------


def code(session: Session, code_id: UUID, *, locked: bool = False) -> Row[Any] | None:
    wanted = select(codes).where(codes.c.id == code_id)
    return session.execute(wanted.with_for_update() if locked else wanted).one_or_none()


def codes_sent(
    session: Session, phone_key: bytes, address_key: bytes | None, since: datetime
) -> tuple[list[datetime], list[datetime]]:
    """When codes were sent to this phone, and from this address, oldest first."""

    def times(which: ColumnElement[bool]) -> list[datetime]:
        wanted = select(codes.c.sent_at).where(which, codes.c.sent_at > since).order_by(codes.c.sent_at)
        return list(session.scalars(wanted))

    return times(codes.c.phone_key == phone_key), times(codes.c.address_key == address_key) if address_key else []


def outgoing(
    session: Session, request: ListOutgoingCodes, now: datetime, vault: Vault
) -> tuple[Page[OutgoingCode], list[UUID]]:
    """The codes that wait to be told, the newest first, and which they are."""
    wanted = select(codes, outgoing_codes.c.sealed).join(outgoing_codes, outgoing_codes.c.code_id == codes.c.id)
    wanted = wanted.where(codes.c.expires_at > now, codes.c.tries < domain.TRIES)
    if request.cursor:
        wanted = wanted.where(codes.c.id < decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(wanted.order_by(codes.c.id.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    views = []
    for row in shown:
        sent = vault.outgoing(row.id, row.sealed)
        views.append(OutgoingCode(row.id, sent.phone, sent.code, row.for_what, row.sent_at, row.expires_at))
    following = encode_cursor(shown[-1].id) if len(rows) > request.limit else None
    return Page(tuple(views), following), [row.id for row in shown]


# --- the journal ----------------------------------------------------------------------------------------------------


def journal_head(session: Session) -> chain.Head:
    row = session.execute(NEWEST).one_or_none()
    return chain.Head() if row is None else chain.Head(row.number, row.hash)


def journal_links(session: Session) -> Generator[chain.Link, None, None]:
    """Every entry in its place, oldest first, as it is kept now; to be closed, because it holds a cursor."""
    wanted = select(journal).order_by(journal.c.number).execution_options(yield_per=WALK)
    with session.execute(wanted) as rows:
        for row in rows:
            entry = chain.Entry(**{name: getattr(row, name) for name in ENTRY})
            yield chain.Link(row.number, entry, row.previous, row.hash)


def list_journal(session: Session, request: ListJournal, caller: Caller, vault: Vault) -> Page[JournalEntry]:
    wanted = select(journal).where(_told_to(caller))
    for column, value in (
        ("actor_id", request.actor_id),
        ("action", request.action),
        ("subject_id", request.subject_id),
    ):
        if value is not None:
            wanted = wanted.where(journal.c[column] == value)
    if request.since is not None:
        wanted = wanted.where(journal.c.at >= request.since)
    if request.until is not None:
        wanted = wanted.where(journal.c.at < request.until)
    if request.cursor:
        wanted = wanted.where(journal.c.number < decode_cursor(request.cursor, NUMBER)[0])
    rows = session.execute(wanted.order_by(journal.c.number.desc()).limit(request.limit + 1)).all()
    return Page(
        tuple(entry_views(rows[: request.limit], vault)),
        encode_cursor(rows[request.limit - 1].number) if len(rows) > request.limit else None,
    )


def _told_to(caller: Caller) -> ColumnElement[bool]:
    """All entries, or those of the caller's branches: done in them, by or to those who work there; or one's own."""
    reach = caller.must(ListJournal.permission)
    if reach is Reach.CHAIN:
        return true()
    if reach is Reach.OWN:
        return or_(journal.c.actor_id == caller.id, journal.c.subject_id == caller.id)
    people = select(users.c.id).where(visible(caller, ListJournal.permission))
    return or_(
        journal.c.branch_id == any_(literal(sorted(caller.branch_ids), IDS)),
        journal.c.actor_id.in_(people),
        journal.c.subject_id.in_(people),
    )


def entry_views(rows: Sequence[Row[Any]], vault: Vault) -> Iterator[JournalEntry]:
    """The entries in `rows`, with the addresses that still open."""
    keys = vault.keys_of({one for row in rows if row.address for one in _named(row)})
    for row in rows:
        said = {name: getattr(row, name) for name in ("number", *ENTRY)}
        said["address"] = row.address and _address(row, keys, vault)
        yield JournalEntry(**said, hash=row.hash.hex())


def _named(row: Row[Any]) -> set[UUID]:
    """The users of an entry: one of them was where its address is."""
    return {one for one in (row.actor_id, row.subject_id, *map(UUID, row.details.get("users", ()))) if one}


def _address(row: Row[Any], keys: Mapping[UUID, bytes], vault: Vault) -> str | None:
    """None if its key was destroyed or it is damaged, which `verify` tells: the rest is read all the same."""
    try:
        return vault.address(row.address, [keys[one] for one in _named(row) if one in keys])
    except Damaged:
        log("auth").warning("address_unreadable", entry=row.number)
        return None


# --- views ----------------------------------------------------------------------------------------------------------


def user_view(row: Row[Any], vault: Vault) -> User:
    return User(
        id=row.id,
        login=vault.login(row),
        name=vault.name(row),
        roles=tuple(row.roles),
        branch_ids=tuple(row.branch_ids),
        client_id=row.client_id,
        active=row.active,
        version=row.version,
    )


def me_view(row: Row[Any], rights: domain.Rights, vault: Vault) -> Me:
    spelt = WORDS if EVERYTHING in rights.permissions else rights.permissions
    return Me(
        id=row.id,
        login=vault.login(row),
        name=vault.name(row),
        roles=tuple(row.roles),
        permissions=tuple(sorted(spelt)),
        branch_ids=() if rights.everywhere else tuple(row.branch_ids),
        reveals_per_shift=rights.reveals_per_shift,
        history_days=rights.history_days,
        look=Look(**(row.look or {})),
    )


def role_view(row: Row[Any]) -> Role:
    return Role(
        id=row.id,
        name=row.name,
        permissions=_spelt(row.permissions, WORDS),
        marks=_spelt(row.marks, domain.MARKS),
        reveals_per_shift=row.reveals_per_shift,
        history_days=row.history_days,
        shipped=row.shipped,
        version=row.version,
    )


def _spelt(said: Sequence[str], every: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(every if EVERYTHING in said else said))

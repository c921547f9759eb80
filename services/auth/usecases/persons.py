"""The account of a client: told with everything else that is held about the person, and blanked at their erasure."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select, update
from sqlalchemy.orm import Session

from chassis.messaging import idempotency
from contracts.auth import HeldAccount, HeldByAuth, HeldSession, JournalEntry
from services.auth import queries
from services.auth.chain import Entry
from services.auth.tables import journal as entries
from services.auth.tables import sessions as kept_sessions
from services.auth.tables import users
from services.auth.usecases import journal, sessions
from services.auth.usecases.desk import Desk

NO_PASSWORD = ""  # fits none
HOLD_A_PERSON = ("CreateUser", "ChangeUser", "ChangePassword")


def export(session: Session, client_ids: Collection[UUID], desk: Desk) -> HeldByAuth:
    """The accounts of the client, and the journal of what they did and of what was done to their data."""
    ids = session.scalars(select(users.c.id).where(users.c.client_id.in_(client_ids)).order_by(users.c.id)).all()
    found = [row for id_ in ids if (row := queries.by_id(session, id_))]
    return HeldByAuth(
        tuple(_account(session, row, desk) for row in found), tuple(_journal(session, client_ids, ids, desk))
    )


def _account(session: Session, row: Row[Any], desk: Desk) -> HeldAccount:
    theirs = select(kept_sessions).where(kept_sessions.c.user_id == row.id).order_by(kept_sessions.c.started_at)
    return HeldAccount(
        user=queries.user_view(row, desk.keys.vault),
        created_at=row.created_at,
        sessions=tuple(HeldSession(one.started_at, one.used_at, one.ended_at) for one in session.execute(theirs)),
    )


def _journal(
    session: Session, client_ids: Collection[UUID], ids: Collection[UUID], desk: Desk
) -> Iterator[JournalEntry]:
    """Addresses of those who did something to the client are not the client's to know."""
    concerned = or_(entries.c.subject_id.in_([*client_ids, *ids]), entries.c.actor_id.in_(ids))
    rows = session.execute(select(entries).where(concerned).order_by(entries.c.number)).all()
    for told in queries.entry_views(rows, desk.keys.vault):
        yield told if told.actor_id in ids else replace(told, address=None)


def forget(session: Session, client_ids: Collection[UUID], desk: Desk) -> Iterator[Entry]:
    """End and blank the accounts of clients who were erased; what the journal is told.

    The row stays, since the journal names it, and a gateway that starts has to learn which sessions have ended.
    """
    theirs = select(users.c.id).where(users.c.client_id.in_(client_ids)).order_by(users.c.id).with_for_update()
    ids = session.scalars(theirs).all()
    sessions.end_of_users(session, ids, desk)
    for id_ in ids:
        blank = {
            **desk.keys.vault.sealed_names(id_, erased_login(id_), "erased", own=False),
            "password": NO_PASSWORD,
            "active": False,
        }
        session.execute(update(users).where(users.c.id == id_).values(version=users.c.version + 1, **blank))
        desk.keys.vault.destroy(id_)  # it cannot come back: if the transaction fails, the event is handled again
        yield journal.own_entry(desk, "user.erased", "user", id_)
    for client_id in client_ids:
        idempotency.forget(session, desk.keys.replies, HOLD_A_PERSON, client_id)


def seal_accounts(session: Session, desk: Desk) -> None:
    """Seal what was kept of clients with an account before there were keys for them."""
    plain = select(users).where(users.c.client_id.is_not(None), users.c.login.is_not(None)).with_for_update()
    for row in session.execute(plain).all():
        if row.login != erased_login(row.id):
            sealed = desk.keys.vault.sealed_names(row.id, row.login, desk.keys.vault.name(row), own=True)
            session.execute(update(users).where(users.c.id == row.id).values(**sealed))


def erased_login(user_id: UUID) -> str:
    return f"erased-{user_id}"

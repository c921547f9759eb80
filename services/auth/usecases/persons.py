"""The account of a client: told with everything else that is held about the person, and blanked at their erasure."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select, update
from sqlalchemy.orm import Session

from contracts.auth import HeldAccount, HeldByAuth, HeldSession, JournalEntry
from services.auth import queries
from services.auth.chain import Entry
from services.auth.tables import journal as entries
from services.auth.tables import sessions as kept_sessions
from services.auth.tables import users
from services.auth.usecases import journal, sessions
from services.auth.usecases.desk import Desk

NO_PASSWORD = ""  # fits none


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
        user=queries.user_view(row, desk.keys.names),
        created_at=row.created_at,
        sessions=tuple(HeldSession(one.started_at, one.used_at, one.ended_at) for one in session.execute(theirs)),
    )


def _journal(
    session: Session, client_ids: Collection[UUID], ids: Collection[UUID], desk: Desk
) -> Iterator[JournalEntry]:
    """Addresses of those who did something to the client are not the client's to know."""
    concerned = or_(entries.c.subject_id.in_([*client_ids, *ids]), entries.c.actor_id.in_(ids))
    for row in session.execute(select(entries).where(concerned).order_by(entries.c.number)):
        told = queries.entry_view(row, desk.keys.addresses)
        yield told if row.actor_id in ids else replace(told, address=None)


def forget(session: Session, client_ids: Collection[UUID], desk: Desk) -> Iterator[Entry]:
    """End and blank the accounts of clients who were erased; what the journal is told.

    The row stays, since the journal names it, and a gateway that starts has to learn which sessions have ended.
    """
    theirs = select(users.c.id).where(users.c.client_id.in_(client_ids)).order_by(users.c.id).with_for_update()
    ids = session.scalars(theirs).all()
    sessions.end_of_users(session, ids, desk)
    for id_ in ids:
        login = f"erased-{id_}"
        blank = {
            "login": login,
            "login_key": queries.login_key(login),
            "name": queries.sealed_name(id_, "erased", desk.keys.names),
            "password": NO_PASSWORD,
            "active": False,
        }
        session.execute(update(users).where(users.c.id == id_).values(version=users.c.version + 1, **blank))
        yield journal.own_entry(desk, "user.erased", "user", id_)

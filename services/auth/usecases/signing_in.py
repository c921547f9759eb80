"""Sign in, and count those who cannot."""

import math
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, case, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.crypto import blind_index
from chassis.messaging import Refused
from contracts.auth import Session as Pair
from contracts.auth import SignIn
from kernel.errors import Throttled, Unauthenticated
from services.auth import domain, passwords, queries
from services.auth.chain import Entry
from services.auth.tables import sign_in_failures, users
from services.auth.usecases import journal, sessions
from services.auth.usecases.desk import Desk
from services.auth.vault import login_key


def sign_in(session: Session, request: SignIn, desk: Desk) -> Pair:
    """The answer never tells whether the login or the password was wrong, nor does the time it takes."""
    refuse_haste(session, desk, login=request.login, address=request.address)
    user = queries.by_login(session, request.login, desk.keys.vault)
    fits = passwords.fits(user.password if user else passwords.NOBODYS, request.password)
    if user is not None and fits:
        user = _unchanged(session, user)
    if user is None or not fits or not user.active:
        count_failure(session, desk, login=request.login, address=request.address)
        journal.record(session, desk, _failed(session, request, desk))
        raise Refused(Unauthenticated("sign_in_failed", "the login or the password is wrong"))
    # Many guesses at one moment all pass the first look; what the others got wrong meanwhile counts for this one.
    refuse_haste(session, desk, login=request.login)
    forget_failures(session, desk, login=request.login)
    if passwords.is_outdated(user.password):
        session.execute(update(users).where(users.c.id == user.id).values(password=passwords.hashed(request.password)))
    return sessions.begin(session, user, desk, request.address)


def _failed(session: Session, request: SignIn, desk: Desk) -> Entry:
    """Whose login it was, or a fingerprint of what is nobody's: people type passwords into the wrong field."""
    user = queries.by_login(session, request.login, desk.keys.vault)
    prints = () if user else (journal.login_print(desk, request.login),)
    user_id = user.id if user else None
    address = desk.keys.vault.sealed_address(request.address, user)
    return journal.entry(desk, "sign_in.failed", "user", user_id, {"login": prints}, address=address)


def _unchanged(session: Session, user: Row[Any]) -> Row[Any] | None:
    """`user` as they are now, held until the transaction ends, if their password is still the one that fitted.

    A change of the user ends the sessions that it sees; without the lock it would not see the one begun here.
    """
    session.execute(select(users.c.id).where(users.c.id == user.id).with_for_update(key_share=True))
    now = queries.by_id(session, user.id)
    if now is None or now.password != user.password:
        return None
    queries.rights_of(session, now, shared=True)
    return now


# --- failures -------------------------------------------------------------------------------------------------------


def refuse_haste(session: Session, desk: Desk, *, login: str | None = None, address: str | None = None) -> None:
    """Refuse whoever failed too often of late."""
    waits = [timedelta(0)]
    for kind, whose in _counted(desk, login, address):
        row = session.execute(
            select(sign_in_failures).where(sign_in_failures.c.kind == kind, sign_in_failures.c.whose == whose)
        ).one_or_none()
        if row is not None:
            waits.append(domain.wait_after(domain.Failures(row.failures, row.last_at), domain.FREE[kind], desk.now))
    longest = max(waits)
    if longest > timedelta(0):
        seconds = math.ceil(longest.total_seconds())
        raise Throttled("too_many_sign_ins", "too many failed attempts; wait before the next", retry_after=seconds)


def count_failure(session: Session, desk: Desk, *, login: str | None = None, address: str | None = None) -> None:
    for kind, whose in _counted(desk, login, address):
        one = insert(sign_in_failures).values(kind=kind, whose=whose, failures=1, last_at=desk.now)
        forgotten = sign_in_failures.c.last_at < desk.now - domain.WINDOW
        again = {"failures": case((forgotten, 1), else_=sign_in_failures.c.failures + 1), "last_at": desk.now}
        session.execute(one.on_conflict_do_update(index_elements=["kind", "whose"], set_=again))


def forget_failures(session: Session, desk: Desk, *, login: str) -> None:
    """Those of the login, which has just been proved; those of the address stay. And whatever is too old to count."""
    ((kind, whose),) = _counted(desk, login, None)
    of_login = (sign_in_failures.c.kind == kind) & (sign_in_failures.c.whose == whose)
    old = sign_in_failures.c.last_at < desk.now - domain.WINDOW
    session.execute(delete(sign_in_failures).where(of_login | old))


def _counted(desk: Desk, login: str | None, address: str | None) -> list[tuple[str, bytes]]:
    """The rows that count for these, blind, always in one order."""
    said = [("address", address), ("login", None if login is None else login_key(login))]
    return [(kind, blind_index(desk.keys.failures, f"{kind}:{text}")) for kind, text in said if text]

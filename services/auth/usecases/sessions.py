"""Begin, refresh and end sessions."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, insert, select, update
from sqlalchemy.orm import Session

from chassis.crypto import derive, fingerprint, seal, unseal
from chassis.database import new_id
from chassis.messaging import Refused
from chassis.outbox import announce
from chassis.wire import decoder, encode
from contracts.auth import EndedSession, RefreshSession, SessionsEnded, SignedOut
from contracts.auth import Session as Pair
from kernel.caller import Caller
from kernel.errors import Unauthenticated
from services.auth import domain, queries
from services.auth.tables import refresh_tokens, sessions
from services.auth.usecases import journal
from services.auth.usecases.desk import Desk

TOKEN_BYTES = 32
KEPT = timedelta(days=1)  # after its end a session is of no use to anybody


def begin(session: Session, user: Row[Any], desk: Desk, address: str | None) -> Pair:
    """A new session of `user`, who has just proved who they are."""
    _forget_old(session, user.id, desk)
    session_id = new_id()
    row = {"id": session_id, "user_id": user.id, "started_at": desk.now, "used_at": desk.now}
    session.execute(insert(sessions), row)
    until = desk.limits.alive_until(desk.now, desk.now)
    pair = _new_pair(session, user, session_id, until.timestamp(), desk)
    sealed = desk.keys.vault.sealed_address(address, user)
    begun = journal.entry(desk, "session.begun", "session", session_id, actor_id=user.id, address=sealed)
    journal.record(session, desk, begun)
    return pair


def refresh(session: Session, request: RefreshSession, desk: Desk) -> Pair:
    """Exchange a refresh token, once; the second use of one says that somebody has a copy of it."""
    hashed = fingerprint(request.refresh_token)
    life = _locked_session(session, hashed)
    user = queries.by_id(session, life.user_id)
    until = desk.limits.alive_until(life.started_at, life.used_at)
    if user is None or not user.active or life.ended_at is not None or until <= desk.now:
        raise Unauthenticated("session_ended", "this session has ended; sign in again")
    token = session.execute(select(refresh_tokens).where(refresh_tokens.c.hash == hashed)).one()
    asked_with = fingerprint(request.retry_key) if request.retry_key else None
    if token.used_at is not None:
        if token.pair is not None and domain.may_retry(token.used_at, token.used_with, asked_with, desk.now):
            return _opened(token.pair, request.refresh_token)
        end(session, [life.id], desk)
        whose = {"users": [life.user_id]}
        address = desk.keys.vault.sealed_address(request.address, user)
        reused = journal.entry(desk, "session.reused", "session", life.id, whose, address=address)
        journal.record(session, desk, reused)
        raise Refused(Unauthenticated("refresh_token_reused", "this token was used before; the session is ended"))
    session.execute(update(sessions).where(sessions.c.id == life.id).values(used_at=desk.now))
    _forget_pairs(session, life.id)
    pair = _new_pair(session, user, life.id, desk.limits.alive_until(life.started_at, desk.now).timestamp(), desk)
    used = {"used_at": desk.now, "used_with": asked_with}
    if asked_with is not None:
        used["pair"] = _sealed(pair, request.refresh_token)
    session.execute(update(refresh_tokens).where(refresh_tokens.c.hash == hashed).values(used))
    return pair


def sign_out(session: Session, desk: Desk) -> SignedOut:
    assert desk.caller.session_id is not None  # the permission is for users, and their tokens name a session
    end(session, [desk.caller.session_id], desk)
    journal.record(session, desk, journal.entry(desk, "session.ended", "session", desk.caller.session_id))
    return SignedOut(desk.caller.session_id)


def end(session: Session, ids: Iterable[UUID], desk: Desk) -> None:
    """End these sessions, and tell everybody who verifies tokens."""
    _end_where(session, sessions.c.id.in_(list(ids)), desk)


def end_of_users(session: Session, user_ids: Iterable[UUID], desk: Desk, but: UUID | None = None) -> None:
    """End all sessions of these users, save `but`."""
    theirs = sessions.c.user_id.in_(list(user_ids))
    _end_where(session, theirs if but is None else theirs & (sessions.c.id != but), desk)


def _end_where(session: Session, which: ColumnElement[bool], desk: Desk) -> None:
    until = desk.now + desk.token_life
    ended = session.scalars(
        update(sessions)
        .where(which, sessions.c.ended_at.is_(None))
        .values(ended_at=desk.now, tokens_until=until)
        .returning(sessions.c.id)
    ).all()
    if ended:
        session.execute(delete(refresh_tokens).where(refresh_tokens.c.session_id.in_(ended)))
        announce(session, SessionsEnded(tuple(EndedSession(one, until) for one in sorted(ended)), desk.now))


def _locked_session(session: Session, hashed: bytes) -> Row[Any]:
    """The session of a refresh token, held until the transaction ends: two uses of one token come one by one."""
    of_token = select(refresh_tokens.c.session_id).where(refresh_tokens.c.hash == hashed)
    row = session.execute(
        select(sessions).where(sessions.c.id.in_(of_token)).with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        raise Unauthenticated("refresh_token_invalid", "this is not a refresh token, or its session has ended")
    return row


def _new_pair(session: Session, user: Row[Any], session_id: UUID, until: float, desk: Desk) -> Pair:
    rights = queries.rights_of(session, user)
    expires_at = min((desk.now + desk.token_life).timestamp(), until)
    refresh_token = secrets.token_urlsafe(TOKEN_BYTES)
    session.execute(insert(refresh_tokens), {"hash": fingerprint(refresh_token), "session_id": session_id})
    caller = Caller(
        id=user.id,
        kind="user",
        permissions=rights.permissions,
        marks=rights.marks,
        branch_ids=rights.branch_ids,
        everywhere=rights.everywhere,
        client_id=user.client_id,
        session_id=session_id,
        reveals_per_shift=rights.reveals_per_shift,
        history_days=rights.history_days,
    )
    return Pair(
        access_token=desk.keys.signer.sign(caller, expires_at),
        token_type="Bearer",  # noqa: S106  the name of a scheme, not a secret
        expires_in=int(expires_at - desk.now.timestamp()),
        refresh_token=refresh_token,
        user=queries.me_view(user, rights, desk.keys.vault),
    )


# --- the answer for a retry: only somebody with the used token can read it ------------------------------------------


def _sealed(pair: Pair, token: str) -> bytes:
    return seal(derive(token.encode(), "pair"), encode(pair), "pair")


def _opened(sealed: bytes, token: str) -> Pair:
    pair: Pair = decoder(Pair)(unseal(derive(token.encode(), "pair"), sealed, "pair"))
    return pair


# --- forgetting -----------------------------------------------------------------------------------------------------


def _forget_pairs(session: Session, session_id: UUID) -> None:
    """Whoever uses the next token has had the answer to the one before."""
    session.execute(
        update(refresh_tokens)
        .where(refresh_tokens.c.session_id == session_id, refresh_tokens.c.pair.is_not(None))
        .values(pair=None)
    )


def _forget_old(session: Session, user_id: UUID, desk: Desk) -> None:
    """Sessions of the user that ended or died out of use, with their tokens."""
    limits = desk.limits
    session.execute(
        delete(sessions).where(
            sessions.c.user_id == user_id,
            (sessions.c.tokens_until < desk.now - KEPT)
            | (sessions.c.started_at < desk.now - limits.life - KEPT)
            | (sessions.c.used_at < desk.now - limits.idle - KEPT),
        )
    )

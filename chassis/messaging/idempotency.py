"""Stored replies: the same key and body get the reply that the first one got, whoever carries the message twice."""

import hashlib
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from chassis.crypto import fingerprint, seal, unseal
from chassis.messaging.envelope import Ask
from chassis.outbox import replies
from kernel.errors import Conflict, Invalid

KEPT_HOURS = 48


def begin(session: Session, replies_key: bytes, caller: str, ask: Ask, key: str) -> bytes | None:
    """The stored reply, or None for the first request with `key`, which then holds the key until its transaction ends.

    Refused while the first one is running, and if the key came with another body.
    """
    place = f"{caller}/{ask.name}/{key}"
    lock = int.from_bytes(hashlib.blake2b(place.encode(), digest_size=8).digest(), "big", signed=True)
    if not session.scalar(select(func.pg_try_advisory_xact_lock(lock))):
        raise Conflict("request_in_progress", "a request with this key is still running")
    row = session.execute(
        select(replies.c.fingerprint, replies.c.reply).where(
            replies.c.caller == caller, replies.c.request == ask.name, replies.c.key == key
        )
    ).one_or_none()
    if row is None:
        return None
    if row.fingerprint != fingerprint(bytes(ask.request)):
        raise Invalid("idempotency_key_reused", "this key came before with another request")
    return unseal(replies_key, row.reply, place)


def keep(session: Session, replies_key: bytes, caller: str, ask: Ask, key: str, reply: bytes) -> None:
    """Store the reply, sealed, in the transaction of its effect. Only successes are stored."""
    session.execute(
        insert(replies).values(
            caller=caller,
            request=ask.name,
            key=key,
            fingerprint=fingerprint(bytes(ask.request)),
            reply=seal(replies_key, reply, f"{caller}/{ask.name}/{key}"),
        )
    )


def forget(session: Session, replies_key: bytes, requests: Collection[str], person: UUID) -> None:
    """Delete the stored replies to `requests` that hold `person`, who is being erased.

    They are sealed, so each has to be opened; there are two days of them, and erasing is rare.
    """
    for row in session.execute(select(replies).where(replies.c.request.in_(requests))).all():
        reply = unseal(replies_key, row.reply, f"{row.caller}/{row.request}/{row.key}")
        if str(person).encode() in reply:
            session.execute(
                delete(replies).where(
                    replies.c.caller == row.caller, replies.c.request == row.request, replies.c.key == row.key
                )
            )


def tidy(session: Session) -> None:
    """Forget replies that have been kept long enough."""
    session.execute(delete(replies).where(replies.c.at < func.now() - func.make_interval(0, 0, 0, 0, KEPT_HOURS)))

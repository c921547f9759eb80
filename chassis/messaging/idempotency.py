"""Stored replies: the same key and body get the reply that the first one got, whoever carries the message twice.

What is stored opens with the idempotency key that the caller chose and nobody else has kept: neither the database nor a
dump of it, not even with today's master keys, tells what was once answered about somebody who has been erased since.
"""

import hashlib
import re
from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from chassis.crypto import blind_index, derive, seal, unseal
from chassis.messaging.envelope import Ask
from chassis.outbox import replies
from kernel.errors import Conflict, Invalid

KEPT_HOURS = 48
FORMAT = b"\x02"  # a mark for each id that the reply names, and then the sealed reply
MARK = 8  # bytes of a blind id
COUNT = 4  # bytes of the number of marks

_ids_in = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").findall


class Place:
    """Where the reply to one key of one caller is kept, and what only that key opens."""

    def __init__(self, replies_key: bytes, caller: str, ask: Ask, key: str) -> None:
        place = f"{caller}/{ask.name}/{key}"
        self.lock = int.from_bytes(hashlib.blake2b(place.encode(), digest_size=8).digest(), "big", signed=True)
        self.secret = derive(replies_key, place)
        self.row = {"caller": caller, "request": ask.name, "key": blind_index(self.secret, "key").hex()}
        self.fingerprint = blind_index(self.secret, bytes(ask.request).decode(), 32)


def begin(session: Session, replies_key: bytes, caller: str, ask: Ask, key: str) -> bytes | None:
    """The stored reply, or None for the first request with `key`, which then holds the key until its transaction ends.

    Refused while the first one is running, and if the key came with another body.
    """
    place = Place(replies_key, caller, ask, key)
    if not session.scalar(select(func.pg_try_advisory_xact_lock(place.lock))):
        raise Conflict("request_in_progress", "a request with this key is still running")
    row = session.execute(select(replies.c.fingerprint, replies.c.reply).filter_by(**place.row)).one_or_none()
    if row is None:
        return None
    if row.fingerprint != place.fingerprint:
        raise Invalid("idempotency_key_reused", "this key came before with another request")
    return unseal(place.secret, row.reply[_end_of_marks(row.reply) :], "reply")


def keep(session: Session, replies_key: bytes, caller: str, ask: Ask, key: str, reply: bytes) -> None:
    """Store the reply, sealed, in the transaction of its effect. Only successes are stored."""
    place = Place(replies_key, caller, ask, key)
    marks = sorted({_mark(replies_key, id_.decode()) for id_ in _ids_in(reply)})
    kept = FORMAT + len(marks).to_bytes(COUNT, "big") + b"".join(marks) + seal(place.secret, reply, "reply")
    session.execute(insert(replies).values(**place.row, fingerprint=place.fingerprint, reply=kept))


def forget(session: Session, replies_key: bytes, requests: Collection[str], person: UUID) -> None:
    """Delete the stored replies to `requests` that name `person`, who is being erased."""
    mark = _mark(replies_key, str(person))
    for row in session.execute(select(replies).where(replies.c.request.in_(requests))).all():
        if row.reply[:1] != FORMAT or mark in _marks(row.reply):
            session.execute(delete(replies).filter_by(caller=row.caller, request=row.request, key=row.key))


def _mark(replies_key: bytes, id_: str) -> bytes:
    return blind_index(replies_key, f"id:{id_}", MARK)


def _end_of_marks(kept: bytes) -> int:
    start = len(FORMAT) + COUNT
    return start + MARK * int.from_bytes(kept[len(FORMAT) : start], "big")


def _marks(kept: bytes) -> Iterable[bytes]:
    return (kept[at : at + MARK] for at in range(len(FORMAT) + COUNT, _end_of_marks(kept), MARK))


def tidy(session: Session) -> None:
    """Forget replies that have been kept long enough."""
    session.execute(delete(replies).where(replies.c.at < func.now() - func.make_interval(0, 0, 0, 0, KEPT_HOURS)))

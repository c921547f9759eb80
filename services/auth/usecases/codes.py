"""Codes to phones: send one, take it back for a confirmation or a session."""

import base64
import hmac
import math
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from chassis.crypto import blind_index, fingerprint
from chassis.database import new_id
from chassis.messaging import Refused
from contracts.auth import (
    CheckConfirmation,
    CheckedConfirmation,
    CodePurpose,
    ConfirmedPhone,
    ConfirmPhone,
    SendCode,
    SentCode,
    SignInWithCode,
)
from kernel.errors import Gone, Invalid, Throttled
from services.auth import domain, queries
from services.auth.phones import read_phone
from services.auth.tables import codes, outgoing_codes
from services.auth.usecases import journal
from services.auth.usecases.desk import Desk
from services.auth.usecases.senders import CodeSender
from services.auth.usecases.signing_in import count_failure, refuse_haste
from services.auth.vault import Outgoing

HASH_BYTES = 32
NO_TIME = timedelta(0)


def send(session: Session, request: SendCode, desk: Desk, sender: CodeSender) -> SentCode:
    """The same for every phone that there can be, known or not: nothing here looks whose it is."""
    phone = _read(request.phone, desk)
    phone_key, address_key = _blind(desk, "phone", phone), None
    if request.address:
        address_key = _blind(desk, "address", request.address)
    _refuse_often(session, phone_key, address_key, desk)
    code_id, code = new_id(), f"{secrets.randbelow(10**6):06}"
    until = desk.now + domain.CODE_LIFE
    row = {
        "id": code_id,
        "phone": desk.keys.vault.sealed_phone(code_id, phone),
        "phone_key": phone_key,
        "address_key": address_key,
        "for_what": request.for_what,
        "hash": _hash(desk, code_id, code),
        "tries": 0,
        "sent_at": desk.now,
        "expires_at": until,
    }
    session.execute(insert(codes), row)
    sender.send(session, Outgoing(code_id, phone, code, request.language), desk)
    return SentCode(code_id, until, desk.now + domain.GAP)


def _read(text: str, desk: Desk) -> str:
    phone = read_phone(text, desk.settings.phone_region)
    if phone is None:
        raise Invalid.field("phone", "phone_invalid", "there can be no such phone number")
    return phone


def _refuse_often(session: Session, phone_key: bytes, address_key: bytes | None, desk: Desk) -> None:
    """One at a time for a phone, and for an address: many asked at one moment would all find room for theirs."""
    keys = sorted(key for key in (phone_key, address_key) if key)
    for key in keys:
        session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(key[:8], signed=True))))
    to_phone, from_address = queries.codes_sent(session, phone_key, address_key, desk.now - domain.COUNTED)
    if to_phone and to_phone[-1] + domain.GAP > desk.now:
        seconds = _seconds(to_phone[-1] + domain.GAP - desk.now)
        raise Throttled("code_too_soon", "a code has just been sent to this phone", retry_after=seconds)
    wait = domain.wait_for_code(to_phone, from_address, desk.now)
    if wait > NO_TIME:
        raise Throttled("too_many_codes", "too many codes were asked for; wait a while", retry_after=_seconds(wait))


def _seconds(wait: timedelta) -> int:
    return math.ceil(wait.total_seconds())


# --- taking one back ------------------------------------------------------------------------------------------------


def confirm(session: Session, request: ConfirmPhone, desk: Desk) -> ConfirmedPhone:
    """The same confirmation as often as the same code comes: whoever sends a form twice loses nothing."""
    row = right(session, request, "booking", desk)
    token = _confirmation(desk, row.id)
    until = row.confirmed_until or desk.now + domain.CONFIRMATION_LIFE
    values = {"confirmation": fingerprint(token), "confirmed_until": until}
    session.execute(update(codes).where(codes.c.id == row.id).values(values))
    _take_from_outbox(session, outgoing_codes.c.code_id == row.id)
    return ConfirmedPhone(token, until)


def check(session: Session, request: CheckConfirmation, desk: Desk) -> CheckedConfirmation:
    phone = read_phone(request.phone, desk.settings.phone_region)
    given = (codes.c.confirmation == fingerprint(request.confirmation)) & (codes.c.confirmed_until > desk.now)
    phone_key = session.scalar(select(codes.c.phone_key).where(given))
    if phone is None or phone_key is None:
        return CheckedConfirmation(confirmed=False)
    return CheckedConfirmation(hmac.compare_digest(phone_key, _blind(desk, "phone", phone)))


def right(session: Session, request: ConfirmPhone | SignInWithCode, for_what: CodePurpose, desk: Desk) -> Row[Any]:
    """The code, held until the transaction ends, if what is said is right; a wrong one counts, one after another."""
    refuse_haste(session, desk, address=request.address)
    row = queries.code(session, request.id, locked=True)
    if row is None or not _is_open(row, for_what, desk):
        raise Gone("code_expired", "this code is of no use any more; ask for another")
    if not hmac.compare_digest(row.hash, _hash(desk, row.id, request.code)):
        session.execute(update(codes).where(codes.c.id == row.id).values(tries=row.tries + 1))
        count_failure(session, desk, address=request.address)
        address = desk.keys.vault.sealed_address(request.address, None)
        journal.record(session, desk, journal.entry(desk, "code.refused", "code", row.id, address=address))
        left = domain.TRIES - row.tries - 1
        said = "this is not the code"
        raise Refused(Invalid("code_wrong", said, errors={"code": [said]}, tries_left=left))
    return row


def proved_phone(session: Session, request: SignInWithCode, desk: Desk) -> str | None:
    """The phone of a code that is right as things are now, without counting: for what is asked of others before."""
    row = queries.code(session, request.id)
    if row is None or not _is_open(row, "sign_in", desk):
        return None
    fits = hmac.compare_digest(row.hash, _hash(desk, row.id, request.code))
    return desk.keys.vault.phone(row.id, row.phone) if fits else None


def use(session: Session, row: Row[Any], desk: Desk) -> None:
    """It worked, and soon never will again."""
    session.execute(update(codes).where(codes.c.id == row.id).values(used_at=row.used_at or desk.now))
    _take_from_outbox(session, outgoing_codes.c.code_id == row.id)


def tidy(session: Session, desk: Desk) -> None:
    """What has expired cannot be told any more, and what no longer counts is forgotten."""
    expired = select(codes.c.id).where(codes.c.expires_at < desk.now)
    _take_from_outbox(session, outgoing_codes.c.code_id.in_(expired))
    session.execute(delete(codes).where(codes.c.sent_at < desk.now - domain.COUNTED))


def _take_from_outbox(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(delete(outgoing_codes).where(which))


def _is_open(row: Row[Any], for_what: CodePurpose, desk: Desk) -> bool:
    """Also for half a minute after its use: a button pressed twice has lost the first answer."""
    lost = row.used_at is not None and row.used_at + domain.RETRY < desk.now
    return bool(row.expires_at > desk.now and not lost and row.for_what == for_what and row.tries < domain.TRIES)


def _hash(desk: Desk, code_id: UUID, code: str) -> bytes:
    return blind_index(desk.keys.codes, f"code {code_id}:{code}", HASH_BYTES)


def _confirmation(desk: Desk, code_id: UUID) -> str:
    made = blind_index(desk.keys.codes, f"confirmation {code_id}", HASH_BYTES)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _blind(desk: Desk, kind: str, text: str) -> bytes:
    return blind_index(desk.keys.codes, f"{kind} {text}")

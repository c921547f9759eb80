"""Sell gift certificates, look them up by their codes, block them, and enter what becomes of them."""

import math
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from chassis.crypto import blind_index
from chassis.database import new_id
from chassis.messaging import Refused
from chassis.outbox import announce
from contracts.loyalty import (
    BlockCertificate,
    Certificate,
    CertificateSold,
    LookUpCertificate,
    SellCertificate,
    UnblockCertificate,
)
from kernel.caller import Caller
from kernel.errors import Invalid, NotFound, Throttled
from services.loyalty.domain.certificates import (
    GRACE,
    LAST,
    RANDOM_BYTES,
    WINDOW,
    canonical,
    new_code,
    refuse_block,
    refuse_sale,
    spoken,
    wait_after,
)
from services.loyalty.queries.certificates import ROWS, certificate_view, place_of_comment, row_of
from services.loyalty.queries.visibility import may_see
from services.loyalty.tables.certificates import (
    certificate_entries,
    certificate_texts,
    certificates,
    failed_look_ups,
)
from services.loyalty.usecases.asking import Asked, refuse_branch
from services.loyalty.vault import Vault

AT_ONCE = 200  # certificates that expire in one transaction


def sell_certificate(
    session: Session, request: SellCertificate, caller: Caller, vault: Vault, asked: Asked, now: datetime
) -> Certificate:
    """The reply alone tells the code: what is kept finds it again and does not tell it."""
    refuse_branch(request.branch_id, asked, caller)
    refuse_sale(request.amount, request.expires_at, asked.currency, now)
    for field in ("buyer_id", "recipient_id"):
        client_id = getattr(request, field)
        if client_id is not None and not may_see(session, client_id, caller, "certificates.sell"):
            raise Invalid.field(field, "client_unknown", "there is no such client")
    code = new_code(secrets.token_bytes(RANDOM_BYTES))
    certificate_id = new_id()
    session.execute(
        insert(certificates).values(
            id=certificate_id,
            code=code_index(vault.codes_key, code),
            last_characters=code[-LAST:],
            branch_id=request.branch_id,
            currency=request.amount.currency,
            amount=request.amount.amount,
            balance=0,
            reserved=0,
            entries=0,
            paid_by=request.paid_by,
            sold_at=now,
            sold_by=caller.id,
            expires_at=request.expires_at,
            buyer_id=request.buyer_id,
            recipient_id=request.recipient_id,
        )
    )
    enter(session, certificate_id, "sold", request.amount.amount, now, cause="sold", author_id=caller.id)
    announce(
        session,
        CertificateSold(
            certificate_id,
            request.branch_id,
            request.amount.amount,
            request.amount.currency,
            request.paid_by,
            request.expires_at,
            now,
        ),
    )
    row = session.execute(ROWS.where(certificates.c.id == certificate_id)).one()
    return certificate_view(row, caller, vault, now, code=spoken(code))


def code_index(key: bytes, code: str) -> bytes:
    """What a code is found by."""
    return blind_index(key, code, 32)


def block_certificate(
    session: Session, request: BlockCertificate, caller: Caller, vault: Vault, now: datetime
) -> Certificate:
    row = row_of(session, request.id, caller, "certificates.block", locked=True)
    refuse_block(blocked=row.block_reason is not None, wanted=True)
    _set_block(session, row, request.reason, caller, now)
    if request.comment and request.comment.strip():
        subject = row.recipient_id or row.buyer_id or row.id
        sealed = vault.seal(subject, place_of_comment(row.id), request.comment.strip())
        session.execute(insert(certificate_texts).values(certificate_id=row.id, subject_id=subject, text=sealed))
    return _view(session, row.id, caller, vault, now)


def unblock_certificate(
    session: Session, request: UnblockCertificate, caller: Caller, vault: Vault, now: datetime
) -> Certificate:
    row = row_of(session, request.id, caller, "certificates.block", locked=True)
    refuse_block(blocked=row.block_reason is not None, wanted=False)
    _set_block(session, row, None, caller, now)
    session.execute(delete(certificate_texts).where(certificate_texts.c.certificate_id == row.id))
    return _view(session, row.id, caller, vault, now)


def _set_block(session: Session, row: Row[Any], reason: str | None, caller: Caller, now: datetime) -> None:
    session.execute(update(certificates).where(certificates.c.id == row.id).values(block_reason=reason))
    kind = "blocked" if reason else "unblocked"
    enter(session, row.id, kind, 0, now, cause=f"{kind} {row.entries + 1}", author_id=caller.id)


def _view(session: Session, certificate_id: UUID, caller: Caller, vault: Vault, now: datetime) -> Certificate:
    return certificate_view(session.execute(ROWS.where(certificates.c.id == certificate_id)).one(), caller, vault, now)


# --- looking one up --------------------------------------------------------------------------------------------------


def look_up_certificate(
    session: Session, request: LookUpCertificate, caller: Caller, vault: Vault, now: datetime
) -> Certificate:
    """Whoever has the code is shown what it is worth, wherever it was sold."""
    code = canonical(request.code)
    refuse_haste(session, caller, now)
    row = session.execute(ROWS.where(certificates.c.code == code_index(vault.codes_key, code))).one_or_none()
    if row is None:
        count_failure(session, caller, now)
        raise Refused(NotFound("certificate_not_found", "there is no certificate with this code"))
    return certificate_view(row, caller, vault, now)


def refuse_haste(session: Session, caller: Caller, now: datetime) -> None:
    """Refuse whoever named too many codes or numbers that there are not, of late."""
    row = session.execute(select(failed_look_ups).where(failed_look_ups.c.user_id == caller.id)).one_or_none()
    wait = timedelta(0) if row is None else wait_after(row.failures, row.last_at, now)
    if wait > timedelta(0):
        seconds = math.ceil(wait.total_seconds())
        raise Throttled("too_many_look_ups", "too many that there are not; wait before the next", retry_after=seconds)


def count_failure(session: Session, caller: Caller, now: datetime) -> None:
    """One more; those of others that are too old to count are forgotten with it."""
    old = failed_look_ups.c.last_at < now - WINDOW
    session.execute(delete(failed_look_ups).where(old, failed_look_ups.c.user_id != caller.id))
    again = {"failures": case((old, 1), else_=failed_look_ups.c.failures + 1), "last_at": now}
    one = upsert(failed_look_ups).values(user_id=caller.id, failures=1, last_at=now)
    session.execute(one.on_conflict_do_update(index_elements=["user_id"], set_=again))


# --- entries ---------------------------------------------------------------------------------------------------------


def enter(
    session: Session,
    certificate_id: UUID,
    kind: str,
    amount: int,
    now: datetime,
    *,
    cause: str,
    author_id: UUID | None = None,
    appointment_id: UUID | None = None,
) -> None:
    """Add `amount` to a locked certificate. Triggers check at the commit that everything adds up."""
    changed = session.execute(
        update(certificates)
        .where(certificates.c.id == certificate_id)
        .values(balance=certificates.c.balance + amount, entries=certificates.c.entries + 1)
        .returning(certificates.c.balance, certificates.c.entries)
    ).one()
    session.execute(
        insert(certificate_entries).values(
            id=new_id(),
            certificate_id=certificate_id,
            number=changed.entries,
            kind=kind,
            amount=amount,
            balance=changed.balance,
            at=now,
            author_id=author_id,
            appointment_id=appointment_id,
            cause=cause,
        )
    )


def give_grace(session: Session, certificate_id: UUID, now: datetime) -> None:
    """What came back to a certificate that has expired, or is about to, can be used for a while."""
    soon = certificates.c.expires_at < now + GRACE
    values = {"expires_at": now + GRACE}
    session.execute(update(certificates).where(certificates.c.id == certificate_id, soon).values(values))


def expire_certificates(session: Session, now: datetime) -> bool:
    """Write off what is left on those that have expired, unless some of it is set aside; whether there are more."""
    over = select(certificates).where(
        certificates.c.expires_at <= now, certificates.c.balance > 0, certificates.c.reserved == 0
    )
    rows = session.execute(
        over.order_by(certificates.c.expires_at).limit(AT_ONCE).with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        enter(session, row.id, "expired", -row.balance, now, cause=f"expired {row.entries + 1}")
    return len(rows) == AT_ONCE
